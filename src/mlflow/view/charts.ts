import { metricStem } from '../../util/metric-stem.ts';
import { axes, ofStem, primaryMetric, stems, type ViewFacts } from './facts.ts';

/** So many charts of a kind stand open; MLflow adds the others below, under "Model metrics". */
const mostOfAKind = 6;

/**
 * Parallel coordinates: MLflow writes the names of the axes side by side into a card of about 240 pixels, 6 a character,
 * and cuts what is longer than 15 characters to these and three dots.
 */
const charactersAcross = 40;
const longestAxisName = 18;

/** A section of charts in MLflow's comparison of runs. */
interface Section {
  readonly uuid: string;
  readonly name: string;
  readonly display: boolean;
}

const learning: Section = { uuid: 'slipway-learning', name: 'Learning', display: true };
const test: Section = { uuid: 'slipway-test', name: 'Test', display: true };
const differences: Section = { uuid: 'slipway-differences', name: 'What differs', display: true };
/** MLflow puts everything else into these two, by name. */
const rest: Section = { uuid: 'slipway-rest', name: 'Model metrics', display: false };
const system: Section = { uuid: 'slipway-system', name: 'System metrics', display: false };

/**
 * The charts of the last runs, in the form in which MLflow's UI keeps them (`runs-charts.types.ts`): each measure as
 * one chart of training and validation, test metrics as bars, and what the runs differ in.
 */
export function viewCharts(facts: ViewFacts): object {
  const curves = stems(facts)
    .map((stem) =>
      ofStem(facts, stem)
        .filter((key) => metricStem(key).set !== 'test')
        .reverse(),
    )
    .filter((keys) => keys.length > 0)
    .slice(0, mostOfAKind);
  const measured = stems(facts)
    .flatMap((stem) => ofStem(facts, stem).filter((key) => metricStem(key).set === 'test'))
    .slice(0, mostOfAKind);
  return {
    compareRunCharts: [
      ...curves.map((keys) => lineChart(keys)),
      ...measured.map((key) => barChart(key)),
      differenceTable(),
      ...parallelCoordinates(facts),
    ],
    compareRunSections: [learning, test, differences, rest, system]
      .filter((section) => section !== test || measured.length > 0)
      .map((section) => ({ ...section, isReordered: true, deleted: false, isGenerated: false })),
    // Without it MLflow sorts the sections by name.
    isAccordionReordered: true,
  };
}

function card(kind: string, section: Section, name: string): object {
  return {
    uuid: `${section.uuid}-${name}`,
    type: kind,
    metricSectionId: section.uuid,
    isGenerated: false,
    deleted: false,
    runsCountToCompare: 10,
  };
}

function lineChart(keys: readonly string[]): object {
  return {
    ...card('LINE', learning, keys[0] as string),
    metricKey: keys[0],
    selectedMetricKeys: keys,
    lineSmoothness: 0,
    xAxisKey: 'step',
    xAxisScaleType: 'linear',
    scaleType: 'linear',
    range: {},
    useGlobalXaxisKey: true,
    useGlobalLineSmoothing: true,
  };
}

function barChart(key: string): object {
  return { ...card('BAR', test, key), metricKey: key };
}

function differenceTable(): object {
  return {
    ...card('DIFFERENCE', differences, 'table'),
    chartName: 'Differences',
    compareGroups: ['Parameters', 'Model metrics', 'Tags'],
    showChangeFromBaseline: true,
    showDifferencesOnly: true,
    baselineColumnUuid: '',
  };
}

/** One line a run through its parameters to the primary metric; nothing where there are no axes. */
function parallelCoordinates(facts: ViewFacts): object[] {
  const metric = primaryMetric(facts);
  if (metric === null) return [];
  const params = paramsSideBySide(axes(facts), metric);
  if (params.length === 0) return [];
  const one = card('PARALLEL', differences, 'coordinates');
  return [{ ...one, selectedParams: params, selectedMetrics: [metric], showAllRuns: false }];
}

/** The first parameters, as many as have names that do not run into each other beside that of the metric. */
function paramsSideBySide(params: readonly string[], metric: string): readonly string[] {
  const fits = (chosen: readonly string[]) => {
    const longest = Math.max(...[...chosen, metric].map(({ length }) => Math.min(length, longestAxisName)));
    return chosen.length * longest <= charactersAcross;
  };
  let count = 0;
  while (count < params.length && fits(params.slice(0, count + 1))) count += 1;
  return params.slice(0, count);
}
