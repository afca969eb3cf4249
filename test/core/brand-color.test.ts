import { expect, test } from 'vitest';
import { brandColors, contrast } from '#core/brand-color.ts';

test('black on white has a contrast of 21, a color with itself 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#3730a3', '#3730a3')).toBe(1);
});

test('whatever the color, text on it and in it is readable', () => {
  for (let red = 0; red <= 255; red += 51) {
    for (let green = 0; green <= 255; green += 51) {
      for (let blue = 0; blue <= 255; blue += 51) {
        const color = `#${[red, green, blue].map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
        const { onColor, light, dark } = brandColors(color);
        expect(contrast(color, onColor), color).toBeGreaterThanOrEqual(4.5);
        expect(contrast(light, '#ffffff'), color).toBeGreaterThanOrEqual(4.5);
        expect(contrast(dark, '#1f2937'), color).toBeGreaterThanOrEqual(4.5);
      }
    }
  }
});

test('a color that is readable stays as it is', () => {
  expect(brandColors('#3730a3')).toMatchObject({ onColor: '#ffffff', light: '#3730a3' });
  expect(brandColors('#ffcc00')).toMatchObject({ onColor: '#000000', dark: '#ffcc00' });
});
