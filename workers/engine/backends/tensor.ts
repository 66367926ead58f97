// What models hold of a backend's memory.

/** Numbers in a backend's memory, row-major f32; only the backend that made them reads them. */
export interface Tensor {
  readonly shape: readonly number[];
}

/** What a forward operation keeps for its gradient. Opaque; its tensors live as long as others do. */
export type Saved = object;

/** Which elements dropout sets to zero. Opaque: a backend may store it or draw it again. */
export type Mask = object;

/** (O, I) int8 with one scale per row, in the layout the backend multiplies fastest. Opaque. */
export type Int8Matrix = object;
