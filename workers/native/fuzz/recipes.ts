// Arguments that every method accepts, for the fuzzer to damage. Sizes come from `draw`.

const letters = ['T', 'I', 'O', 'H', 'B', 'N', 'h', 'd'];
const scalarArguments = { seed: 7, rate: 0.5, none: 0, scale: 1e-3, arithmetic: 'int8' };

/**
 * By method: `F` Float32Array, `Z` Int32Array, `S` Int8Array, `U` Uint8Array of the product of the sizes
 * behind it, `[F…]` a list of two such arrays, a letter alone the size, a number itself, `L` lengths of
 * four, `yes` and `null`, or an object of the library; ` | ` between lists of which either will do.
 */
export const recipes: Readonly<Record<string, string>> = {
  'NativeKernels.packFloat': 'F.O.I O I',
  'NativeKernels.linear': 'F.T.I F.O.I F.O F.T.O T I O | F.T.4 packedFloat null F.T.3 T 4 3',
  'NativeKernels.linearGelu':
    'F.T.I F.O.I null F.T.O F.T.O T I O | F.T.4 packedFloat F.3 null F.T.3 T 4 3',
  'NativeKernels.linearInputGradient': 'F.T.O F.O.I F.T.I T I O yes',
  'NativeKernels.linearWeightGradient': 'F.T.O F.T.I F.O.I F.O T I O',
  'NativeKernels.packInt8': 'S.O.I F.O O I',
  'NativeKernels.int8Linear': 'F.T.4 packedInt8 F.3 F.T.3',
  'NativeKernels.int8DotAttention': 'F.B.N.3.h.d Z.B F.B.N.h.d B N h d',
  'NativeKernels.int8InhibitorAttention': 'F.B.N.3.h.d Z.B F.B.N.h.d F.1 F.h F.1 yes yes B N h d',
  'NativeKernels.measurePeak': 'arithmetic',
  'NativeKernels.layerNorm': 'F.T.H F.T.H seed rate F.H F.H scale F.T.H F.T F.T.H T H',
  'NativeKernels.layerNormGradient': 'F.T.H F.T.H F.T F.H seed rate F.T.H F.T.H F.H F.H T H',
  'NativeKernels.gelu': 'F.T F.T',
  'NativeKernels.geluGradient': 'F.T F.T F.T',
  'NativeKernels.geluTanh': 'F.T F.T',
  'NativeKernels.geluTanhGradient': 'F.T F.T F.T',
  'NativeKernels.tanh': 'F.T F.T',
  'NativeKernels.tanhGradient': 'F.T F.T F.T',
  'NativeKernels.relu': 'F.T F.T',
  'NativeKernels.reluGradient': 'F.T F.T F.T',
  'NativeKernels.add': 'F.T F.T F.T',
  'NativeKernels.dropout': 'F.T F.T seed rate',
  'NativeKernels.embeddingGather': 'F.9.H Z.T F.T.H T H yes',
  'NativeKernels.embeddingScatterAdd': 'F.T.H Z.T F.9.H T H',
  'NativeKernels.alignLoss': 'F.B.N.H F.B.N.H Z.B B N H rate F.B.N.H',
  'NativeKernels.crossEntropy': 'F.B.9 Z.B F.B.9 B 9',
  'NativeKernels.distillationLoss': 'F.B.9 F.B.9 rate F.B.9 B 9',
  'NativeKernels.globalNorm': '[F.T]',
  'NativeKernels.adamw': '[F.T] [F.T] [F.T] [F.T] U.2 1 scale rate rate scale scale rate',
  'NativeKernels.dotAttention': 'F.B.N.3.h.d Z.B F.B.N.h.d F.B.h.N B N h d',
  'NativeKernels.dotAttentionGradient':
    'F.B.N.3.h.d Z.B F.B.N.h.d F.B.h.N F.B.N.h.d F.B.N.3.h.d B N h d',
  'NativeKernels.inhibitorAttention':
    'F.B.N.3.h.d Z.B F.B.N.h.d F.1 F.h F.1 yes yes seed none B N h d',
  'NativeKernels.inhibitorAttentionGradient':
    'F.B.N.3.h.d Z.B F.B.N.h.d F.B.N.3.h.d F.3 1 F.1 F.1 F.1 yes yes seed rate B N h d',
  'NativeEncoder.run': 'Z.4 L.1 null cancellation',
  'NativeEncoder.states': 'Z.4 L.1 null cancellation',
  'NativeKernels.loadEncoder': 'config weights',
  'new NativeKernels': 'null 2',
  'new NativeCancellation': '',
  'NativeCancellation.cancel': '',
  'NativeEncoder.describe': '',
  'NativeEncoder.dispose': '',
  variants: '',
};

/** A valid call, of sizes and values that `below` draws. */
export function cook(
  recipe: string,
  below: (count: number) => number,
  objects: Readonly<Record<string, unknown>>,
): unknown[] {
  const sizes = Object.fromEntries(letters.map((letter) => [letter, 1 + below(9)]));
  const sizeOf = (word: string): number => sizes[word] ?? Number(word);
  const array = (word: string): unknown => {
    const [kind, ...sides] = word.split('.');
    const length = sides.reduce((product, side) => product * sizeOf(side), 1);
    const draw = { length };
    if (kind === 'F') return Float32Array.from(draw, () => (below(2001) - 1000) / 500);
    if (kind === 'Z') return Int32Array.from(draw, () => below(Math.min(9, sizes['N']! + 1)));
    if (kind === 'S') return Int8Array.from(draw, () => below(256) - 128);
    if (kind === 'L') return Int32Array.from(draw, () => 4);
    return Uint8Array.from(draw, () => below(2));
  };
  const lists = recipe.split(' | ');
  const list = lists[below(lists.length)]!;
  const words = list === '' ? [] : list.split(' ');
  return words.map((word) => {
    if (word === 'null') return null;
    if (word === 'yes') return below(2) === 0;
    const object = objects[word];
    if (object instanceof Uint8Array) return object.slice(); // the call's own, to take away
    if (typeof object === 'function') return (object as () => unknown)();
    if (object !== undefined) return object;
    if (word in scalarArguments) return scalarArguments[word as keyof typeof scalarArguments];
    if (word.startsWith('[')) return [array(word.slice(1, -1)), array(word.slice(1, -1))];
    return word.includes('.') ? array(word) : sizeOf(word);
  });
}
