// Texts to token ids by @huggingface/tokenizers, with the checks a model needs.
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { StillwattError } from '@stillwatt/contracts';

/** What is used of the library; its own types do not resolve for ES modules of Node. */
interface Tokenizer {
  encode(
    text: string,
    options?: { return_token_type_ids: boolean; text_pair: string | null },
  ): { ids: number[]; token_type_ids: number[] };
  get_vocab(withAddedTokens: boolean): Map<string, number>;
}
type TokenizerClass = new (tokenizerJson: unknown, config: object) => Tokenizer;

export interface EncodedText {
  /** Special tokens included; at most maxLength. */
  readonly ids: Int32Array;
  /** 0 for the first text, 1 for the second; as long as ids. */
  readonly types: Int32Array;
  readonly isTruncated: boolean;
}

export interface TextTokenizer {
  /** Encodes one text or a pair, cut to maxLength (the longer text first, a token at a time). */
  encode(text: string, pair: string | undefined, maxLength: number): EncodedText;
}

/** Reads tokenizer.json for a model of `vocabulary` rows. MODEL_INVALID where the two do not belong together. */
export function loadTokenizer(tokenizerJson: Uint8Array, vocabulary: number): TextTokenizer {
  const tokenizer = createTokenizer(tokenizerJson);
  checkVocabulary(tokenizer, vocabulary);
  const separator = lastSpecialToken(tokenizer);
  return {
    encode(text, pair, maxLength) {
      const options = { return_token_type_ids: true, text_pair: pair ?? null } as const;
      const { ids, token_type_ids: types } = tokenizer.encode(text, options);
      if (ids.length <= maxLength) return pack(ids, types, false);
      // An empty second text is none to the library.
      const isPair = types.at(-1) !== types[0];
      return pack(...truncate(ids, types, separator, isPair, maxLength), true);
    },
  };
}

/**
 * Cuts from the end of the longer text until everything fits; specials stay.
 * Layout: [CLS] a… [SEP] or [CLS] a… [SEP] b… [SEP].
 */
function truncate(
  ids: readonly number[],
  types: readonly number[],
  separator: number,
  isPair: boolean,
  maxLength: number,
): [number[], number[]] {
  // Types tell where the first text ends; the text itself may contain a separator.
  const firstEnd = isPair ? types.lastIndexOf(types[0] ?? 0) : ids.length - 1;
  const first = ids.slice(1, firstEnd);
  const second = ids.slice(firstEnd + 1, -1);
  const room = maxLength - (isPair ? 3 : 2);
  if (room < 1) {
    throw new StillwattError('INPUT_INVALID', `no text fits into ${maxLength} tokens`, {
      fix: 'Raise data.maxLength to 8 or more.',
      path: 'data.maxLength',
    });
  }
  let [a, b] = [first.length, isPair ? second.length : 0];
  while (a + b > room) {
    if (a >= b) a--;
    else b--;
  }
  const start = ids[0] ?? 0;
  const cut = [start, ...first.slice(0, a), separator];
  const cutTypes: number[] = new Array<number>(a + 2).fill(types[0] ?? 0);
  if (isPair) {
    cut.push(...second.slice(0, b), separator);
    cutTypes.push(...new Array<number>(b + 1).fill(types.at(-1) ?? 0));
  }
  return [cut, cutTypes];
}

function pack(ids: readonly number[], types: readonly number[], isTruncated: boolean): EncodedText {
  return { ids: Int32Array.from(ids), types: Int32Array.from(types), isTruncated };
}

function createTokenizer(bytes: Uint8Array): Tokenizer {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return new (Library as unknown as TokenizerClass)(json, {});
  } catch (cause) {
    throw invalid('tokenizer.json cannot be read', cause);
  }
}

function checkVocabulary(tokenizer: Tokenizer, vocabulary: number): void {
  let largest = -1;
  for (const id of tokenizer.get_vocab(true).values()) largest = Math.max(largest, id);
  if (largest < 0) throw invalid('tokenizer.json has no vocabulary');
  if (largest >= vocabulary) {
    const message = `tokenizer.json has ids up to ${largest}, the model ${vocabulary} embeddings: they are of different models`;
    throw invalid(message);
  }
}

function lastSpecialToken(tokenizer: Tokenizer): number {
  const id = tokenizer.encode('').ids.at(-1);
  if (id === undefined) throw invalid('the tokenizer adds no special tokens, as BERT needs them');
  return id;
}

function invalid(message: string, cause?: unknown): StillwattError {
  return new StillwattError('MODEL_INVALID', message, {
    path: 'tokenizer.json',
    fix: 'Take tokenizer.json from the same model as the weights.',
    ...(cause === undefined ? {} : { cause }),
  });
}
