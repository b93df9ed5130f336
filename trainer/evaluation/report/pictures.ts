/** A picture of the report. */
export interface Picture {
  /** File name without its end. */
  readonly name: string;
  /** How to read it. */
  readonly caption: string;
}

/** Pictures that may lie in the folder, by the section they are shown in; what is not there is passed over. */
export const pictureSections: readonly { readonly title: string; readonly pictures: readonly Picture[] }[] = [
  {
    title: 'Learning',
    pictures: [
      {
        name: 'learning-curves',
        caption:
          'Both lines falling: it learns. Training falls and validation rises: it learns by heart. Both flat: the learning rate is too small or too large, or the data tell nothing.',
      },
    ],
  },
  {
    title: 'Test',
    pictures: [
      {
        name: 'reconstructions',
        caption:
          'What is missing on the right side the network has not learned, or not room for. Broken images and such as were never seen come first.',
      },
      {
        name: 'error-histogram',
        caption:
          'One heap: all images are alike to the network. A second one far to the right: images of another kind.',
      },
      {
        name: 'confusion-matrix',
        caption: 'Rows are what a sample is, columns what was said. Errors lie off the diagonal.',
      },
      {
        name: 'score-histogram',
        caption:
          'Two heaps far apart: easily told apart. Heaps over each other: the overlap is the error, whatever the threshold.',
      },
      {
        name: 'roc-curve',
        caption:
          'How many positives are found for how many false alarms, over all thresholds. The dashed line is chance.',
      },
      {
        name: 'precision-recall-curve',
        caption:
          'How much of what is said is true, for how much is found. The dashed line is chance. Tells more than ROC where a class is rare.',
      },
    ],
  },
  {
    title: 'Validation',
    pictures: [
      {
        name: 'validation-reconstructions',
        caption: 'The same of the validation samples, after the best epoch.',
      },
      { name: 'validation-error-histogram', caption: 'The errors of the validation samples after the best epoch.' },
      {
        name: 'validation-confusion-matrix',
        caption:
          'The same of the validation samples. Much better than the test: the choice of the model leans on them.',
      },
      { name: 'validation-score-histogram', caption: 'The scores of the validation samples after the best epoch.' },
    ],
  },
  {
    title: 'Samples',
    pictures: [
      { name: 'worst-predictions', caption: 'Wrong labels, broken images and hard cases show here first.' },
      {
        name: 'confident-predictions',
        caption: 'What the model takes for typical. A border, a mark or a colour in all of them is a warning.',
      },
      { name: 'training-images', caption: 'What the network gets, and is to give back.' },
      { name: 'training-samples', caption: 'If you could not tell these classes apart, the network hardly will.' },
    ],
  },
  {
    title: 'Network',
    pictures: [
      {
        name: 'first-layer-filters',
        caption: 'Edges and spots of colour: it has learned to look. The same noise before and after: it has not.',
      },
    ],
  },
];
