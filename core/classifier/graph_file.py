"""Read which tensors an exported graph makes its logits of, and have it hand them out as well.

A graph is a message of protocol buffers. The few fields that are asked for are read here, so that no library for it
has to be in the app; and as a message that is written behind another is merged with it, outputs are added at its end.
Called by `activation`.
Source: https://protobuf.dev/programming-guides/encoding/ and onnx.proto3 of ONNX 1.18 for the numbers of fields.
"""

from collections.abc import Iterator
from dataclasses import dataclass

GRAPH, NODE, OUTPUT = 7, 1, 12  # of the model; of the graph
INPUTS, OUTPUTS, KIND, NAME = 1, 2, 4, 1  # of a node; of an output
VARINT, FIXED_64, CHUNK, FIXED_32 = 0, 1, 2, 5  # how a field is written
POOLS = frozenset({"GlobalAveragePool", "ReduceMean"})
LINEAR = frozenset({"MatMul", "Gemm"})
LONGEST_CHAIN = 32  # nodes between the logits and a pooled map; the exported networks have six


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a graph: what it does, which tensors it takes and gives."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastStep:
    """Names of tensors: logits are `features` times `weights`, features are averages over each of `maps`, in order."""

    features: str
    weights: str
    maps: tuple[str, ...]


def last_step(model: bytes, logits: str) -> LastStep | None:
    """Return what the logits are made of; None where they are no linear map of averages.

    Raises:
        ValueError: the bytes are no graph.
    """
    made_by = {name: node for node in _nodes(model) for name in node.outputs}
    linear = _follow(made_by, logits, LINEAR)
    if linear is None or len(linear.inputs) < 2:
        return None
    features, weights = linear.inputs[:2]
    joined = _follow(made_by, features, POOLS | {"Concat"})
    if joined is None:
        return None
    pools = [_follow(made_by, name, POOLS) for name in joined.inputs] if joined.kind == "Concat" else [joined]
    maps = tuple(pool.inputs[0] for pool in pools if pool is not None)
    return LastStep(features, weights, maps) if len(maps) == len(pools) else None


def with_outputs(model: bytes, names: tuple[str, ...]) -> bytes:
    """Return the model with these tensors among its outputs."""
    outputs = b"".join(_chunk(OUTPUT, _chunk(NAME, name.encode())) for name in names)
    return model + _chunk(GRAPH, outputs)


def _follow(made_by: dict[str, Node], name: str, kinds: frozenset[str]) -> Node | None:
    """Go from a tensor back along first inputs, which carry the values, to a node of one of these kinds."""
    for _ in range(LONGEST_CHAIN):
        node = made_by.get(name)
        if node is None or node.kind in kinds or not node.inputs:
            return node if node is not None and node.kind in kinds else None
        name = node.inputs[0]
    return None


def _nodes(model: bytes) -> Iterator[Node]:
    for number, graph in _fields(model):
        if number == GRAPH:
            yield from (_node(content) for inner, content in _fields(graph) if inner == NODE)


def _node(content: bytes) -> Node:
    found: dict[int, list[str]] = {INPUTS: [], OUTPUTS: [], KIND: []}
    for number, value in _fields(content):
        if number in found:
            found[number].append(value.decode())
    return Node("".join(found[KIND]), tuple(found[INPUTS]), tuple(found[OUTPUTS]))


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each field that is a chunk; numbers are passed over.

    Raises:
        ValueError: the bytes end too early, or are no message.
    """
    view, at = memoryview(content), 0
    while at < len(view):
        key, at = _varint(view, at)
        number, form = key >> 3, key & 7
        if form == CHUNK:
            size, at = _varint(view, at)
            if at + size > len(view):
                raise ValueError("cut off")
            yield number, bytes(view[at : at + size])
            at += size
        elif form == VARINT:
            _, at = _varint(view, at)
        elif form in (FIXED_32, FIXED_64):
            at += 4 if form == FIXED_32 else 8
        else:
            raise ValueError(form)


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(view):
            raise ValueError("cut off")
        byte = view[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("too long")


def _chunk(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | CHUNK) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
