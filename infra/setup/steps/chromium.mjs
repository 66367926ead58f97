// Step: the browser of the end-to-end tests, from Debian.
import { run } from '../command.mjs';
import { SetupError } from '../errors.mjs';
import { chromium as pin } from '../pins.mjs';

const packages = ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'];

/** @type {import('../steps.mjs').Step} */
export const chromium = {
  name: 'chromium',
  title: 'Chromium',
  downloadMb: pin.downloadMb,
  diskMb: pin.downloadMb + pin.unpackedMb,
  purposes: ['test'],

  async missing(env) {
    const { code, stdout } = await run(env.chromium, ['--version', '--no-sandbox'], {
      env: env.inherited,
    });
    if (code !== 0) return `${env.chromium} does not start`;
    const major = chromiumMajor(stdout);
    if (major === null) return `${env.chromium} is not Chromium: ${stdout.trim()}`;
    return major < pin.minimumMajor ? `version ${major}, needs ${pin.minimumMajor}` : null;
  },

  async run({ env, progress, log }) {
    const rights = await rootPrefix(env);
    if (rights === null) {
      throw new SetupError(
        'the end-to-end tests need Chromium, and this user may not install packages',
        `run: sudo ${packages.join(' ')}  (or name a Chromium in STILLWATT_CHROMIUM)`,
      );
    }
    progress.note(`apt-get install chromium (${pin.downloadMb} MB)`);
    for (const command of [['apt-get', 'update'], packages]) {
      const [program, ...args] = [...rights, ...command];
      const options = { env: { ...env.inherited, DEBIAN_FRONTEND: 'noninteractive' }, log };
      const result = await run(/** @type {string} */ (program), args, options);
      if (result.code === 0) continue;
      throw new SetupError(
        `${command.join(' ')} failed:\n${result.tail}`,
        'install Chromium by hand, or name one in STILLWATT_CHROMIUM, then run again',
      );
    }
  },
};

/** How to run as root: directly, by a sudo that asks nothing, or not at all (null).
 * @param {import('../env.mjs').SetupEnv} env */
async function rootPrefix(env) {
  if (process.getuid?.() === 0) return [];
  const { code } = await run('sudo', ['-n', 'true'], { env: env.inherited });
  return code === 0 ? ['sudo', '-n'] : null;
}

/** `Chromium 150.0.7000.1 built on Debian` → 150. @param {string} text */
export function chromiumMajor(text) {
  const match = /Chrom(?:e|ium)\D*(\d+)\./.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}
