// Rate limits: token buckets in memory, one per caller and kind of call.

export interface Limit {
  /** Calls that may come at once. */
  burst: number;
  /** Calls that may follow, per minute. */
  perMinute: number;
}

/** One process counts for itself: with r replicas a caller gets at most r times the limit. */
export const limits = {
  query: { burst: 300, perMinute: 1200 },
  mutation: { burst: 60, perMinute: 120 },
  /** By address, and again by the account that is tried, so that neither many names nor many addresses help. */
  signIn: { burst: 10, perMinute: 10 },
  /** Tokens and passwords of strangers. */
  guess: { burst: 20, perMinute: 10 },
} as const satisfies Record<string, Limit>;
export type LimitName = keyof typeof limits;

export interface Limiter {
  /** Takes one token; 0 if it was there, else the seconds until it will be. */
  take(name: LimitName, who: string): number;
}

const maxBuckets = 50_000;

/** @param now milliseconds, monotonic */
export function createLimiter(now: () => number = () => performance.now()): Limiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(name, who) {
      const { burst, perMinute } = limits[name];
      const key = `${name} ${who}`;
      const at = now();
      const old = buckets.get(key) ?? { tokens: burst, at };
      const tokens = Math.min(burst, old.tokens + ((at - old.at) / 60_000) * perMinute);
      // Re-inserted last, so that the bucket that goes first is the one unused for longest.
      buckets.delete(key);
      const [oldest] = buckets.keys();
      if (buckets.size >= maxBuckets && oldest !== undefined) buckets.delete(oldest);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 60) / perMinute);
    },
  };
}
