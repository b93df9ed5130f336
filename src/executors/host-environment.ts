/** What logs in to a tracking server. A client certificate is a path, whose file's rights decide. */
const credentials: ReadonlySet<string> = new Set([
  'MLFLOW_TRACKING_USERNAME',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
]);

/**
 * What a program on the host inherits from whoever launched it: everything but the credentials of the tracking server,
 * which it needs no more than in a container. `--env` and the MLproject hand them over by name.
 */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => !credentials.has(name) && !(name === 'MLFLOW_TRACKING_URI' && holdsUserInfo(value)),
    ),
  );
}

function holdsUserInfo(uri: string | undefined): boolean {
  if (uri === undefined || !URL.canParse(uri)) return false;
  const { username, password } = new URL(uri);
  return username !== '' || password !== '';
}
