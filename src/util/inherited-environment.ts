/** What logs in to a tracking server. A client certificate is a path, whose file's rights decide. */
const credentials: ReadonlySet<string> = new Set([
  'MLFLOW_TRACKING_USERNAME',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
]);

/** What is said to one launcher, agent or program of one run: a launch from inside of a run is none of these. */
const resuming: ReadonlySet<string> = new Set(['SLIPWAY_RESUME', 'SLIPWAY_RESUME_RUN', 'SLIPWAY_HANDED']);

/**
 * What a project's code on the host inherits from whoever launched it: everything but the credentials of the tracking
 * server, which it needs no more than in a container. `--env` and the MLproject hand them over by name.
 */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) =>
        !credentials.has(name) && !resuming.has(name) && !(name === 'MLFLOW_TRACKING_URI' && holdsUserInfo(value)),
    ),
  );
}

function holdsUserInfo(uri: string | undefined): boolean {
  if (uri === undefined || !URL.canParse(uri)) return false;
  const { username, password } = new URL(uri);
  return username !== '' || password !== '';
}
