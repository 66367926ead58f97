// Colours of a terminal; none where the output is no terminal or NO_COLOR is set.

export interface Paint {
  dim: (text: string) => string;
  bold: (text: string) => string;
  red: (text: string) => string;
  green: (text: string) => string;
  blue: (text: string) => string;
  violet: (text: string) => string;
}

export function createPaint(colour: boolean): Paint {
  const style = (code: number) => (text: string) =>
    colour && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    dim: style(2),
    bold: style(1),
    red: style(31),
    green: style(32),
    blue: style(34),
    violet: style(35),
  };
}
