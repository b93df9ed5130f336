/** Colours that people with any colour vision can tell apart (Okabe and Ito, 2008). */
export const colours = {
  blue: '#0072B2',
  vermillion: '#D55E00',
  ink: '#222222',
  faint: '#555555',
  grid: '#E3E3E3',
} as const;

/** Colours and dashes of up to ten lines: seven colours, then three of them again, dashed. */
export const lineStyles: readonly { readonly colour: string; readonly dash: readonly number[] }[] = [
  ...['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#222222'].map((colour) => ({
    colour,
    dash: [1, 0],
  })),
  ...['#0072B2', '#D55E00', '#009E73'].map((colour) => ({ colour, dash: [6, 3] })),
];

/** More lines than this in one picture are not told apart. */
export const linesAtMost = lineStyles.length;

/** One look for all charts. */
export const chartConfiguration = {
  background: '#FFFFFF',
  padding: 16,
  font: 'Helvetica, Arial, sans-serif',
  // A label for each bar and tile would be most of the file; the description of the whole picture stays.
  aria: false,
  title: {
    anchor: 'start',
    frame: 'group',
    fontSize: 16,
    subtitleFontSize: 12,
    subtitleColor: colours.faint,
    subtitleLineHeight: 16,
    offset: 12,
    color: colours.ink,
  },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titleColor: colours.ink,
    labelColor: colours.faint,
    gridColor: colours.grid,
    domainColor: '#888888',
    tickColor: '#888888',
    titlePadding: 8,
  },
  legend: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelLimit: 260, titleLimit: 260 },
  view: { stroke: null },
} as const;
