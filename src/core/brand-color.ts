/**
 * Makes a color of the operator readable: contrast as WCAG 2.2 defines it (1.4.3: 4.5 for text, 1.4.11: 3 for edges).
 */

const LIGHT_CARD = '#ffffff';
const DARK_CARD = '#1f2937';
const BLACK = '#000000';
const WHITE = '#ffffff';
const TEXT_CONTRAST = 4.5;

/** The colors of buttons and links, from one color (`#3730a3`). */
export type BrandColors = {
  /** The color as it was given, for buttons. */
  color: string;
  /** Black or white, whichever is easier to read on it: always at least 4.5. */
  onColor: string;
  /** The color as text, link, and focus ring on a white card: darker, if it has to be. */
  light: string;
  /** The same on a dark card: lighter, if it has to be. */
  dark: string;
};

/** @param color six hexadecimal digits after `#` */
export function brandColors(color: string): BrandColors {
  const onColor = contrast(color, WHITE) >= contrast(color, BLACK) ? WHITE : BLACK;
  return { color, onColor, light: readableOn(LIGHT_CARD, color, BLACK), dark: readableOn(DARK_CARD, color, WHITE) };
}

/** The color, mixed with as little of `toward` as makes it readable. */
function readableOn(card: string, color: string, toward: string): string {
  for (let percent = 0; percent < 100; percent++) {
    const mixed = mix(color, toward, percent / 100);
    if (contrast(mixed, card) >= TEXT_CONTRAST) return mixed;
  }
  return toward;
}

/** The contrast ratio of two colors, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(color: string, other: string, share: number): string {
  const others = channelsOf(other);
  const mixed = channelsOf(color).map((channel, at) => Math.round(channel + ((others[at] ?? 0) - channel) * share));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function channelsOf(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}
