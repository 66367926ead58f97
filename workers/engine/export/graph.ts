// ONNX graphs as they are written: a node after the other, tensors by name. The file format stays in here.
import { create, toBinary } from '@bufbuild/protobuf';
import { StillwattError } from '@stillwatt/contracts';
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType as DataType,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** Operators are those of this opset, which came with version 9 of the file format. */
const opset = 20n;
const fileVersion = 9n;
/** A protobuf message ends here; larger models would need their weights beside the file. */
const largestFile = 2 ** 31 - 1;

/** Name of a value in a graph. */
export type Value = string;

/** What goes into a graph or comes out of it. */
export interface Port {
  readonly name: string;
  readonly type: 'float32' | 'int64';
  /** A number, or a name for what is known when the graph runs. */
  readonly dims: readonly (number | string)[];
}

/** Integers are integers, `{ float }` is a float, a graph is a body. */
export type Attribute = number | readonly number[] | { readonly float: number } | GraphProto;

export interface Graph {
  /** Adds a node with one output and gives the output's name. */
  add(operator: string, inputs: readonly Value[], attributes?: Record<string, Attribute>): Value;
  /** Adds a node with several outputs. */
  addMany(
    operator: string,
    inputs: readonly Value[],
    count: number,
    attributes?: Record<string, Attribute>,
  ): Value[];
  /** Stores a tensor under its name; without dims a vector. */
  tensor(name: string, values: Float32Array | Int8Array, dims?: readonly number[]): Value;
  /** A float constant; equal ones are stored once. */
  scalar(value: number): Value;
  /** A vector of int64, for shapes and axes; equal ones are stored once. */
  integers(...values: number[]): Value;
  /** A graph that runs inside a node; it sees the values of this one. */
  body(inputs: readonly Value[], write: () => readonly Value[]): GraphProto;
  /** The bytes of a model whose output is `value`. INPUT_INVALID where a file cannot be so large. */
  finish(inputs: readonly Port[], output: Port, value: Value): Uint8Array;
}

export function createGraph(): Graph {
  const tensors = new Map<string, TensorProto>();
  let nodes: GraphProto['node'] = [];
  let count = 0;

  function addMany(
    opType: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
  ): Value[] {
    const output = Array.from({ length: outputs }, () => `${opType}_${count++}`);
    const attribute = Object.entries(attributes).map(([name, value]) =>
      writeAttribute(name, value),
    );
    const node = { name: output[0]!, opType, input: [...inputs], output, attribute };
    nodes.push(create(NodeProtoSchema, node));
    return output;
  }

  function store(
    name: string,
    dataType: DataType,
    values: ArrayBufferView,
    dims: readonly number[],
  ) {
    const rawData = new Uint8Array(values.byteLength);
    rawData.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const tensor = { name, dataType, dims: dims.map(BigInt), rawData };
    if (!tensors.has(name)) tensors.set(name, create(TensorProtoSchema, tensor));
    return name;
  }

  return {
    add: (operator, inputs, attributes) => addMany(operator, inputs, 1, attributes)[0]!,
    addMany,
    tensor(name, values, dims = [values.length]) {
      const type = values instanceof Int8Array ? DataType.INT8 : DataType.FLOAT;
      return store(name, type, values, dims);
    },
    scalar: (value) => store(`float ${value}`, DataType.FLOAT, Float32Array.of(value), []),
    integers(...values) {
      const longs = BigInt64Array.from(values, BigInt);
      return store(`integers ${values.join(' ')}`, DataType.INT64, longs, [values.length]);
    },
    body(inputs, write) {
      const outer = nodes;
      nodes = [];
      try {
        const outputs = write();
        const [input, output] = [inputs, outputs].map((names) => names.map(untyped));
        return create(GraphProtoSchema, {
          name: 'body',
          node: nodes,
          input: input!,
          output: output!,
        });
      } finally {
        nodes = outer;
      }
    },
    finish(inputs, output, value) {
      const last = { name: output.name, opType: 'Identity', input: [value], output: [output.name] };
      nodes.push(create(NodeProtoSchema, last));
      let size = 0;
      for (const { rawData } of tensors.values()) size += rawData.length;
      if (size > largestFile) {
        const message = `the weights take ${(size / 2 ** 30).toFixed(1)} GiB, and an ONNX file ends at 2 GiB`;
        throw new StillwattError('INPUT_INVALID', message, { fix: 'Export it as int8.' });
      }
      const graph = create(GraphProtoSchema, {
        name: 'encoder',
        node: nodes,
        initializer: [...tensors.values()],
        input: inputs.map(typed),
        output: [typed(output)],
      });
      const model = create(ModelProtoSchema, {
        irVersion: fileVersion,
        producerName: 'stillwatt',
        opsetImport: [create(OperatorSetIdProtoSchema, { version: opset })],
        graph,
      });
      return toBinary(ModelProtoSchema, model);
    },
  };
}

function writeAttribute(name: string, value: Attribute): AttributeProto {
  const { INT, INTS, FLOAT, GRAPH } = AttributeType;
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: INT, i: BigInt(value) });
  }
  if (isList(value)) {
    return create(AttributeProtoSchema, { name, type: INTS, ints: value.map(BigInt) });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: FLOAT, f: value.float });
  }
  return create(AttributeProtoSchema, { name, type: GRAPH, g: value });
}

function isList(value: Attribute): value is readonly number[] {
  return Array.isArray(value);
}

function untyped(name: Value): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name });
}

function typed({ name, type, dims }: Port): ValueInfoProto {
  const dim = dims.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof size === 'number'
          ? { case: 'dimValue', value: BigInt(size) }
          : { case: 'dimParam', value: size },
    }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: type === 'int64' ? DataType.INT64 : DataType.FLOAT,
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  const value = { case: 'tensorType', value: tensor } as const;
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value }) });
}
