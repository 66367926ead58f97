// Colours of charts as hex, for canvases: attention keeps its colour everywhere, the rest is safe for the colour-blind.

export interface Colours {
  ink: string;
  quiet: string;
  rule: string;
  surface: string;
  dot: string;
  inhibitor: string;
  teacher: string;
  /** For series that are no attention, in order. */
  others: readonly string[];
}

const light: Colours = {
  ink: '#1b2329',
  quiet: '#5b656d',
  rule: '#dfe3e6',
  surface: '#ffffff',
  dot: '#0068b0',
  inhibitor: '#b85200',
  teacher: '#646c72',
  others: ['#00795c', '#a1457f', '#8a6d00', '#3f5fc4', '#5c6b00', '#8a4b3c'],
};

const dark: Colours = {
  ink: '#e9edf0',
  quiet: '#9aa5ad',
  rule: '#323a40',
  surface: '#14191d',
  dot: '#62b4f0',
  inhibitor: '#f29a45',
  teacher: '#a3abb1',
  others: ['#3fc49e', '#e08fc3', '#d9bd4b', '#8ea6f5', '#b4c455', '#d79a88'],
};

export function colours(isDark: boolean): Colours {
  return isDark ? dark : light;
}
