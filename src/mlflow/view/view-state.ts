import { viewCharts } from './charts.ts';
import { columnId, viewColumns } from './columns.ts';
import { primaryMetric, sortsAscending, type ViewFacts } from './facts.ts';

/**
 * The view of an experiment's runs as MLflow's UI keeps it (`ExperimentPageUIState.tsx` and its search facets). All
 * fields are there: UIs before 3.15 take a shared view as it is, and fail over a missing one.
 */
export function viewState(facts: ViewFacts, options: { readonly charts: boolean }): Readonly<Record<string, unknown>> {
  const columns = viewColumns(facts);
  const metric = primaryMetric(facts);
  return {
    selectedColumns: columns.map(({ id }) => id),
    columnOrder: columns.map(({ id }) => id),
    columnWidths: Object.fromEntries(columns.map(({ id, width }) => [id, width])),
    orderByKey: metric === null ? columnId('attributes', 'Created') : columnId('metrics', metric),
    orderByAsc: metric !== null && sortsAscending(facts),
    searchFilter: '',
    startTime: 'ALL',
    lifecycleFilter: 'Active',
    modelVersionFilter: 'All Runs',
    datasetsFilter: [],
    runsPinned: [],
    runsHidden: [],
    runsExpanded: {},
    runsVisibilityMap: {},
    runsHiddenMode: 'FIRST_10_RUNS',
    viewMaximized: false,
    runListHidden: false,
    isAccordionReordered: false,
    useGroupedValuesInCharts: true,
    hideEmptyCharts: true,
    groupBy: null,
    groupsExpanded: {},
    autoRefreshEnabled: true,
    globalLineChartConfig: { xAxisKey: 'step', lineSmoothness: 0, selectedXAxisMetricKey: '' },
    ...(options.charts ? viewCharts(facts) : {}),
  };
}
