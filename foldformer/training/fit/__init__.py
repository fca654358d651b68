"""How Lightning runs what an experiment file describes; imported only where training begins."""
