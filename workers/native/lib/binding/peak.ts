// What the library exports for the machine's peak; meaning: lib/peak.ts.

export interface PeakBinding {
  measurePeak(arithmetic: string): Promise<number>;
}
