import type { RandomSource } from '../random.ts';

type Color = readonly [red: number, green: number, blue: number];

/** How much of each colour the stain takes away where it is thickest: Giemsa stains purple. */
const stainAbsorption: Color = [0.45, 0.75, 0.3];

/** A mark of stain: how thick it lies at a point, 0 to 1. Coordinates are in units of the image, from its centre. */
type Mark = (x: number, y: number) => number;

/** 1 inside, 0 outside, smooth over about a pixel. */
function edge(distance: number, softness: number): number {
  return 1 / (1 + Math.exp(distance / softness));
}

function disc(x: number, y: number, radius: number, thickness: number, blur: number): Mark {
  return (px, py) => {
    const beyond = Math.sqrt((px - x) ** 2 + (py - y) ** 2) - radius;
    return beyond > 6 * blur ? 0 : thickness * edge(beyond, blur);
  };
}

/** How gradually a mark of stain ends. */
const softness = 0.008;

/** A ring with a gap; `x`, `y` is its centre. */
function ring(x: number, y: number, radius: number, width: number, gap: number, thickness: number, turn: number): Mark {
  return (px, py) => {
    const beyond = Math.abs(Math.sqrt((px - x) ** 2 + (py - y) ** 2) - radius) - width / 2;
    if (beyond > 6 * softness) return 0;
    const angle = Math.atan2(py - y, px - x) - turn;
    const wrapped = Math.abs(Math.atan2(Math.sin(angle), Math.cos(angle)));
    const open = wrapped < gap ? 0.1 : 1;
    return thickness * open * edge(beyond, softness);
  };
}

/** A place inside the cell. */
function place(random: RandomSource): [x: number, y: number] {
  const distance = 0.26 * Math.sqrt(random.next());
  const angle = random.between(0, 2 * Math.PI);
  return [distance * Math.cos(angle), distance * Math.sin(angle)];
}

/** The ring form of the parasite: a thin ring of cytoplasm with a chromatin dot on it. */
function parasite(random: RandomSource): Mark[] {
  const [x, y] = place(random);
  const radius = random.between(0.07, 0.12);
  const turn = random.between(0, 2 * Math.PI);
  const dotAngle = turn + random.between(0.8, 5.4);
  const thickness = random.between(0.45, 0.85);
  return [
    ring(x, y, radius, random.between(0.03, 0.05), random.between(0, 0.7), thickness, turn),
    disc(
      x + radius * Math.cos(dotAngle),
      y + radius * Math.sin(dotAngle),
      random.between(0.035, 0.05),
      random.between(0.7, 1),
      softness,
    ),
  ];
}

/** What lies on healthy cells too: precipitated stain, platelets, a scratch; as dark and as large as a parasite. */
function artefact(random: RandomSource): Mark[] {
  const [x, y] = place(random);
  const kind = random.integer(3);
  if (kind === 0)
    return [disc(x, y, random.between(0.05, 0.09), random.between(0.3, 0.6), random.between(0.008, 0.025))];
  if (kind === 1) {
    const specks = 1 + random.integer(3);
    return Array.from({ length: specks }, () =>
      disc(
        x + random.between(-0.09, 0.09),
        y + random.between(-0.09, 0.09),
        random.between(0.02, 0.038),
        random.between(0.5, 1),
        softness,
      ),
    );
  }
  const radius = random.between(0.1, 0.25);
  const opening = random.between(2.1, 2.7);
  return [ring(x, y, radius, random.between(0.025, 0.04), opening, random.between(0.35, 0.75), random.between(0, 6.3))];
}

/** A shade that changes slowly over the cell: a few long waves. */
function texture(random: RandomSource): Mark {
  const waves = Array.from({ length: 3 }, () => ({
    across: random.between(-12, 12),
    down: random.between(-12, 12),
    phase: random.between(0, 6.3),
    height: random.between(0.01, 0.035),
  }));
  return (x, y) =>
    waves.reduce((sum, wave) => sum + wave.height * Math.sin(wave.across * x + wave.down * y + wave.phase), 0);
}

/** The marks of one cell: about as many dark things on healthy cells as on parasitized ones. */
function marks(parasitized: boolean, random: RandomSource): Mark[] {
  const first = parasitized ? parasite(random) : random.next() < 0.85 ? artefact(random) : [];
  const second = random.next() < 0.4 ? artefact(random) : [];
  return [...first, ...second];
}

/**
 * Draws one cell of a thin blood smear on black, as cut out by segmentation.
 * Returns size * size * 3 bytes: rows of red, green, blue.
 */
export function drawCell(size: number, parasitized: boolean, random: RandomSource): Uint8Array {
  const radius = random.between(0.37, 0.46);
  const stretch = random.between(0.9, 1.1);
  const lobe = random.between(0, 0.035);
  const lobes = 2 + random.integer(3);
  const turn = random.between(0, 2 * Math.PI);
  const light = random.between(0.85, 1.08);
  const base: Color = [random.between(190, 222), random.between(135, 175), random.between(150, 185)];
  const stain = marks(parasitized, random);
  const shade = texture(random);
  const noise = random.between(4, 11);
  const pixels = new Uint8Array(size * size * 3);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const x = (column + 0.5) / size - 0.5;
      const y = (row + 0.5) / size - 0.5;
      const outline = radius + lobe * Math.cos(lobes * Math.atan2(y, x) + turn);
      const distance = Math.sqrt((x * stretch) ** 2 + (y / stretch) ** 2);
      if (distance - outline > 0.06) continue;
      const inside = edge(distance - outline, 0.012);
      // A red cell is a disc with a hollow: paler in the middle.
      const hollow = 1 + 0.1 * Math.exp(-((distance / 0.18) ** 2)) + shade(x, y);
      let thickness = 0;
      for (const mark of stain) thickness = Math.max(thickness, mark(x, y));
      for (let channel = 0; channel < 3; channel += 1) {
        const absorbed = 1 - (stainAbsorption[channel] as number) * thickness;
        // The sum of two uniform numbers has a standard deviation of 0.41 and costs less than a normal one.
        const grain = (noise / 0.41) * (random.next() + random.next() - 1);
        const value = inside * ((base[channel] as number) * light * hollow * absorbed + grain);
        pixels[(row * size + column) * 3 + channel] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  }
  return pixels;
}
