/** The UI shows its pages for training only with this; without it a browser may open those for GenAI. */
const trainingPages = '?workflowType=machine_learning';

/** The page of a run, for people. */
export function runUrl(trackingUri: string, experimentId: string, runId: string): string {
  return page(trackingUri, ['experiments', experimentId, 'runs', runId]);
}

/** The key of the view that Slipway keeps on an experiment: which columns its table of runs shows. */
export const sharedViewKey = 'slipway';

/** The table of an experiment's runs, with the columns of the view that Slipway keeps there. */
export function runsTableUrl(trackingUri: string, experimentId: string): string {
  return `${experimentUrl(trackingUri, experimentId)}&viewStateShareKey=${sharedViewKey}`;
}

/** The charts of an experiment's last runs. */
export function runChartsUrl(trackingUri: string, experimentId: string): string {
  return `${runsTableUrl(trackingUri, experimentId)}&compareRunsMode=CHART`;
}

/** The page of an experiment's runs. */
export function experimentUrl(trackingUri: string, experimentId: string): string {
  return page(trackingUri, ['experiments', experimentId, 'runs']);
}

/** The page of a version of a registered model. */
export function modelVersionUrl(trackingUri: string, name: string, version: string): string {
  return page(trackingUri, ['models', name, 'versions', version]);
}

/** The page of a logged model. */
export function loggedModelUrl(trackingUri: string, experimentId: string, modelId: string): string {
  return page(trackingUri, ['experiments', experimentId, 'models', modelId]);
}

function page(trackingUri: string, segments: readonly string[]): string {
  const base = trackingUri.replace(/\/+$/, '');
  return `${base}/#/${segments.map(encodeURIComponent).join('/')}${trainingPages}`;
}
