import sys
from pathlib import Path

# For processes that are spawned, too: they import the module that defines their reader.
sys.path.append(str(Path(__file__).parent))
