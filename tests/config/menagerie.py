"""Components that use every kind of type hint, and files that describe them rightly."""

# Old spellings of hints are the point here.
# ruff: noqa: UP006, UP007, UP035, UP045, B006

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Dict, Generic, List, Literal, NewType, Optional, Tuple, Type, TypeVar, Union

from typing_extensions import NotRequired, TypedDict

from foldformer.config import FromParams, Lazy, Provides, Registrable

T = TypeVar("T")
Weight = NewType("Weight", float)


class Diet(enum.Enum):
    """What an animal eats."""

    MEAT = "meat"
    PLANTS = "plants"


@dataclass(frozen=True)
class Place:
    """Where something is.

    Args:
        row: Counted from the gate.
        labels: Free words.
    """

    row: int
    column: int = 0
    labels: List[str] = field(default_factory=lambda: ["sunny"])


@dataclass(frozen=True)
class Enclosure:
    """A place with a size."""

    place: Place
    size: Tuple[float, float] = (1.0, 2.0)
    spare: "Optional[Place]" = None


class Ticket(TypedDict):
    """The price of a ticket."""

    price: float
    reduced: NotRequired[bool]


class Animal(Registrable):
    """Something that lives in the zoo."""

    default_implementation = "cat"


@Animal.register("cat")
class Cat(Animal):
    """Sleeps most of the day.

    Args:
        name: How it is called.
        weight: In kilograms.
    """

    def __init__(self, name: str = "tom", weight: float = 4.5, diet: Diet = Diet.MEAT) -> None:
        self.name, self.weight, self.diet = name, weight, diet


class Pack(Animal):
    """Several of a kind. Not registered, and so only a base."""

    def __init__(self, members: "list[Animal]", leader: Animal | None = None, *, tame: bool = False) -> None:
        self.members, self.leader, self.tame = members, leader, tame


@Animal.register("wolves")
@Animal.register("hunting_wolves", constructor="hunting")
class Wolves(Pack):
    """A pack with a territory; the other parameters are those of every pack."""

    def __init__(self, territory: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.territory = territory

    @classmethod
    def hunting(cls, prey: Iterable[str], speed: Union[int, str] = "fast") -> "Wolves":
        """Build a pack that is on its way."""
        wolves = cls([], members=[])
        wolves.prey, wolves.speed = list(prey), speed
        return wolves


@Animal.register("chameleon")
class Chameleon(Animal):
    """Takes whatever it is given, and reads it itself."""

    def __init__(self, colours: dict) -> None:
        self.colours = colours

    @classmethod
    def from_params(cls, params, **extras):
        return cls(params.as_dict(quiet=True))


class Box(Generic[T], FromParams):
    """Holds one thing."""

    def __init__(self, content: T) -> None:
        self.content = content


class Keeper(FromParams):
    """Looks after animals; comes when the zoo opens."""

    def __init__(
        self, name: str, shift: Literal["day", "night", 24], badge: int, favourite: Optional[Animal] = None
    ) -> None:
        self.name, self.shift, self.badge, self.favourite = name, shift, badge, favourite


class Zoo(Registrable):
    """A whole zoo."""

    default_implementation = "city"


@Zoo.register("city")
class CityZoo(Zoo):
    """A zoo with everything."""

    def __init__(
        self,
        animals: Dict[str, Animal],
        keeper: Annotated[Lazy[Keeper], Provides("badge")],
        enclosures: list[Enclosure],
        *,
        plan: Path = Path("plan.txt"),
        tickets: dict[str, Ticket] | None = None,
        path: Tuple[int, ...] = (),
        names: set[str] = frozenset(),
        star: Union[str, Animal, None] = None,
        rating: Union[int, float, list[float]] = 5,
        weight: Weight = Weight(1.5),
        box: Optional[Box[int]] = None,
        boxes: Mapping[str, Box[list[Animal]]] = {},
        kind: Type[Animal] = Cat,
        helper: Optional[Lazy[Keeper]] = None,
        rooms: dict[int, bool] = {},
        opened: bool = True,
        motto: Any = None,
        feed: Callable[[Animal], None] | None = None,
    ) -> None:
        self.keeper = keeper.construct(badge=7)
        self.arguments = {key: value for key, value in locals().items() if key not in ("self", "keeper")}


VALID: list[dict[str, Any]] = [
    {"animals": {}, "keeper": {"name": "Ann", "shift": "day"}, "enclosures": []},
    {
        "type": "city",
        "animals": {
            "tom": {"type": "cat", "name": "Tom", "weight": 4, "diet": "meat"},
            "felix": {},
            "plain": "cat",
            "pack": {
                "type": "wolves",
                "territory": [{"row": 1}, {"row": 2, "column": 3, "labels": ["hill", "wood"]}],
                "members": [{"type": "cat"}, {"type": "wolves", "territory": [], "members": []}],
                "leader": None,
                "tame": True,
            },
            "hunters": {"type": "hunting_wolves", "prey": ["hare", "deer"], "speed": 3},
            "leo": {"type": "chameleon", "anything": [1, {"goes": None}]},
        },
        "keeper": {"name": "Bob", "shift": 24, "favourite": {"diet": "PLANTS"}},
        "enclosures": [{"place": {"row": 1}, "size": [3, 4.5], "spare": {"row": 2, "labels": []}}],
        "plan": "other/plan.txt",
        "tickets": {"child": {"price": 3, "reduced": True}, "adult": {"price": 7.5}},
        "path": [1, 2, 3],
        "names": ["north", "south"],
        "star": {"type": "cat"},
        "rating": [4.5, 3],
        "weight": 2,
        "box": {"content": 3},
        "boxes": {"a": {"content": ["cat", {"type": "cat", "name": "in a box"}]}},
        "kind": "wolves",
        "helper": {"name": "Cy"},
        "rooms": {"1": True, "22": False},
        "opened": False,
        "motto": {"free": ["data", 1, None]},
    },
    {
        "animals": {
            "deep": {
                "type": "wolves",
                "territory": [],
                "members": [],
                "leader": {"type": "wolves", "territory": [], "members": [{"weight": 0.5}]},
            }
        },
        "keeper": {"name": "Dee", "shift": "night"},
        "enclosures": [],
        "star": "Simba",
        "rating": 4.5,
        "tickets": None,
        "feed": None,
    },
]
