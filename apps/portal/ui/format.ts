// How numbers, sizes, durations and times are written on every page: SI, thin space before units, digits by uncertainty.

/** Narrow no-break space: between a number and its unit. */
export const thin = '\u202f';
const minus = '\u2212';

/** What stands where nothing was measured; its reason belongs beside it. */
export const notMeasured = '–';

/** `n` with thousands separated, `10,605`. */
export function formatCount(n: number): string {
  return sign(n, Math.abs(n).toLocaleString('en-US', { maximumFractionDigits: 0 }));
}

/** A number with `digits` decimals and a true minus sign. */
export function formatFixed(value: number, digits: number): string {
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return Number(text.replaceAll(',', '')) === 0 ? text : sign(value, text);
}

/** A number with `digits` significant digits. */
export function formatSignificant(value: number, digits = 3): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= 6 || exponent < -4) return sign(value, Math.abs(value).toExponential(digits - 1));
  return formatFixed(value, Math.max(0, digits - 1 - exponent));
}

/** A tick of an axis, as short as it can be: `0.25`, `12,000`, `3e−4`; an edge that a zoom left is rounded. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  const short = size >= 1000 ? Math.round(size) : Number(size.toPrecision(4));
  const text =
    short !== 0 && short < 1e-3
      ? short.toExponential()
      : short.toLocaleString('en-US', { maximumFractionDigits: 6 });
  return sign(value, text.replace('-', minus));
}

const siSteps = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
] as const;

/** A value with its SI prefix, three significant digits: `22.7 MB`, `4.10 mJ`. */
export function formatSi(value: number, unit: string, digits = 3): string {
  if (value === 0) return `0${thin}${unit}`;
  // Rounding first: 999.96 kB is 1.00 MB, not 1000 kB.
  const size = Number(Math.abs(value).toPrecision(digits));
  const [scale, prefix] = siSteps.find(([step]) => size >= step) ?? [1e-9, 'n'];
  return `${sign(value, formatSignificant(size / scale, digits))}${thin}${prefix}${unit}`;
}

/** Bytes in SI units; whole bytes below 1 kB. */
export function formatBytes(bytes: number): string {
  return Math.abs(bytes) < 1000 ? `${formatCount(bytes)}${thin}B` : formatSi(bytes, 'B');
}

export function formatJoules(joules: number): string {
  return formatSi(joules, 'J');
}

/** Milliseconds with three significant digits; seconds from 1 s on. */
export function formatMs(ms: number): string {
  if (Math.abs(ms) >= 1000) return formatDuration(ms / 1000);
  return `${formatSignificant(ms)}${thin}ms`;
}

/** `340 ms`, `4.2 s`, `48 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0) return sign(-1, formatDuration(-seconds));
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)}${thin}ms`;
  if (seconds < 9.95) return `${formatFixed(seconds, 1)}${thin}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${thin}s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400)
    return pair(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor((whole % 86_400) / 3600);
  return `${days}${thin}d${hours === 0 ? '' : ` ${hours}${thin}h`}`;
}

/** An estimate of what is left: coarser than a duration, `about 3 min`. */
export function formatEta(seconds: number): string {
  if (seconds < 10) return 'a few s';
  if (seconds < 60) return `${Math.ceil(seconds / 5) * 5}${thin}s`;
  if (seconds < 600) {
    const half = Math.ceil(seconds / 10) * 10;
    return pair(Math.floor(half / 60), 'min', half % 60, 's');
  }
  if (seconds < 3600) return `${Math.round(seconds / 60)}${thin}min`;
  return formatDuration(seconds);
}

/** Decimals at which an uncertainty shows one significant digit, two if it starts with 1 to 3 (the rule of the Particle Data Group). */
export function decimalsFor(halfWidth: number): number {
  if (!(halfWidth > 0) || !Number.isFinite(halfWidth)) return 1;
  const exponent = Math.floor(Math.log10(halfWidth));
  const leading = halfWidth / 10 ** exponent;
  return Math.min(6, Math.max(0, leading < 3.55 ? 1 - exponent : -exponent));
}

/** `84.7 ± 0.6 %`: value and half width in the same unit. */
export function formatUncertain(value: number, halfWidth: number, unit: string): string {
  const digits = decimalsFor(halfWidth);
  return `${formatFixed(value, digits)} ± ${formatFixed(halfWidth, digits)}${unit === '' ? '' : thin + unit}`;
}

/** A share of 0…1 in per cent; its digits follow the standard error of `n` examples. */
export function formatShare(share: number, n: number | null = null): string {
  return `${formatFixed(share * 100, shareDecimals(share, n))}${thin}%`;
}

/** Decimals of a percentage from `n` examples; one where `n` is unknown. */
export function shareDecimals(share: number, n: number | null): number {
  if (n === null || n <= 0) return 1;
  // At 0 and 1 the standard error vanishes; four examples in n may hide there.
  const error = 100 * Math.sqrt(Math.max(share * (1 - share), 16 / n) / n);
  return decimalsFor(error);
}

/** A difference with its sign, `+1.2`, `−0.4`; zero has none. */
export function formatDifference(value: number, digits: number): string {
  const text = formatFixed(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** How many times `value` is of `base`: `0.31 ×`. */
export function formatRatio(value: number, base: number): string {
  return base === 0 ? notMeasured : `${formatSignificant(value / base, 2)}${thin}×`;
}

/** `just now`, `4 min ago`, `in 2 h`, `3 d ago`; older than 30 days the date. */
export function formatRelative(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000;
  const size = Math.abs(seconds);
  if (size < 10) return 'just now';
  const amount =
    size < 60
      ? `${Math.floor(size)}${thin}s`
      : size < 3600
        ? `${Math.floor(size / 60)}${thin}min`
        : size < 86_400
          ? `${Math.floor(size / 3600)}${thin}h`
          : size < 30 * 86_400
            ? `${Math.floor(size / 86_400)}${thin}d`
            : null;
  if (amount === null) return formatDate(at);
  return seconds >= 0 ? `${amount} ago` : `in ${amount}`;
}

/** The date alone, `24 Nov 2026`. */
export function formatDate(at: Date, timeZone?: string): string {
  return at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
}

/** Date, time and zone in full, for titles: `24 Nov 2026, 11:47:27 UTC`. */
export function formatAbsolute(at: Date, timeZone?: string): string {
  return at.toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
}

/** The first characters of a digest, without its algorithm. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** `1 run`, `12 runs`. */
export function plural(n: number, word: string, many = `${word}s`): string {
  return `${formatCount(n)} ${n === 1 ? word : many}`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${large}${thin}${largeUnit}`;
  return small === 0 ? head : `${head} ${String(small).padStart(2, '0')}${thin}${smallUnit}`;
}

function sign(value: number, text: string): string {
  return value < 0 ? `${minus}${text.replace(/^-/, '')}` : text;
}
