"""Groups of named fields, declared as classes and checked by pydantic's core.

The core is used without pydantic's own classes: they would take a third of the time of a whole preview to load. What is
declared here becomes the core's schema, from which pydantic can make a JSON Schema.
"""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints

from pydantic_core import SchemaValidator

Schema = dict[str, Any]


class Fields:
    """Fields by their names: a name that is not known is an error, and so is nothing where something is written.

    A subclass annotates each field with its type: text, a list, a dict, other Fields, or Annotated with constraints
    (pairs of the core's names and their values) or a function that is applied to what was written before it is checked.
    A field with a default may be left out, but not be empty: `draft:` with nothing after it must not mean `draft: no`.
    """

    __slots__ = ("__dict__", "__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")  # the core's own

    schema: ClassVar[Schema]
    names: ClassVar[tuple[str, ...]]
    _validator: ClassVar[SchemaValidator | None]

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls, include_extras=True)
        cls.names = tuple(name for name in hints if name not in {"schema", "names", "_validator"})
        cls.schema = {
            "type": "model",
            "cls": cls,
            "config": {"strict": True, "extra_fields_behavior": "forbid"},
            "schema": {
                "type": "model-fields",
                "fields": {
                    name: {"type": "model-field", "schema": _add_default(_make_schema(hints[name]), cls, name)}
                    for name in cls.names
                },
            },
        }
        cls._validator = None

    @classmethod
    def read(cls, data: Any) -> Self:
        """Return plain data as fields. Raise pydantic_core.ValidationError with everything that is wrong in it."""
        if cls._validator is None:
            cls._validator = SchemaValidator(cls.schema)
        fields: Self = cls._validator.validate_python(data)
        return fields

    @classmethod
    def make(cls, **values: Any) -> Self:
        """Return fields of these values, unchecked; what has no value and no default is not there."""
        fields = cls.__new__(cls)
        fields.__dict__.update(values)
        return fields

    @property
    def given(self) -> set[str]:
        """The names of the fields that were written, or made."""
        return set(self.__dict__) if not hasattr(self, "__pydantic_fields_set__") else self.__pydantic_fields_set__


def _add_default(schema: Schema, cls: type[Fields], name: str) -> Schema:
    return {"type": "default", "schema": schema, "default": getattr(cls, name)} if hasattr(cls, name) else schema


def _make_schema(hint: Any) -> Schema:
    """Return the core's schema of a type; `X | None` means X that may be left out."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _constrain(_make_schema(arguments[0]), arguments[1:])
    if origin in {Union, UnionType}:
        [only] = [argument for argument in arguments if argument is not NoneType]
        return _make_schema(only)
    if origin is list:
        return {"type": "list", "items_schema": _make_schema(arguments[0])}
    if origin is dict:
        return {"type": "dict", "keys_schema": _make_schema(arguments[0]), "values_schema": _make_schema(arguments[1])}
    if isinstance(hint, type) and issubclass(hint, Fields):
        return hint.schema
    return {"type": {str: "str", bool: "bool"}[hint]}


def _constrain(schema: Schema, constraints: tuple[tuple[str, Any] | Callable[[Any], Any], ...]) -> Schema:
    for constraint in constraints:
        if isinstance(constraint, tuple):
            schema = schema | dict([constraint])
        else:
            before = {"type": "no-info", "function": constraint}
            schema = {"type": "function-before", "function": before, "schema": schema}
    return schema
