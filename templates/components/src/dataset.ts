import {
  type Image,
  type ListedSample,
  ListLoader,
  listParameters,
  randomSource,
  type SampleList,
  z,
} from 'slipway/trainer';

const parameters = listParameters.extend({
  images: z.int().min(12).max(100_000).default(600).describe('Images that are drawn.'),
  noise: z.number().min(0).max(1).default(0.2).describe('How strong the noise over the stripes is.'),
});

const classNames = ['horizontal', 'vertical', 'diagonal'];

/**
 * Images of stripes, drawn from the seed: put your own data here. `listSamples` says which there are, `readSample` reads
 * one of them when it is needed, such as a file of `this.setup.storageDirectory`.
 */
export class StripesLoader extends ListLoader<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  protected override listSamples(): SampleList {
    const samples = Array.from({ length: this.parameters.images }, (_, place) => ({
      id: `stripes/${String(place).padStart(5, '0')}`,
      label: place % classNames.length,
    }));
    return { classNames, samples, description: `${samples.length} drawn images of stripes` };
  }

  protected override readSample({ id, label }: ListedSample): Image {
    const [side, random] = [24, randomSource(this.setup.seed, id)];
    const [period, offset] = [random.between(4, 9), random.between(0, 9)];
    const pixels = new Uint8Array(side * side);
    for (let place = 0; place < pixels.length; place += 1) {
      const [row, column] = [Math.floor(place / side), place % side];
      const along = label === 0 ? row : label === 1 ? column : row + column;
      const wave = Math.sin((2 * Math.PI * (along + offset)) / period);
      const noisy = wave * (1 - this.parameters.noise) + random.between(-1, 1) * this.parameters.noise;
      pixels[place] = Math.round(127.5 * (1 + noisy));
    }
    return { pixels, height: side, width: side, channels: 1 };
  }
}
