/** Variables that hold a secret as they are. */
const secretVariables = [
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
];
/** Variables that hold an address, in which a password may stand. */
const addressVariables = [
  'MLFLOW_TRACKING_URI',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'http_proxy',
  'https_proxy',
  'DOCKER_HOST',
];

/** A shorter one is a word that may stand anywhere: to hide it would spoil links and numbers. */
const shortestSecret = 8;

/** The secrets that this process was given and that must never be shown, whoever writes them. */
export function knownSecrets(environment: Readonly<Record<string, string | undefined>>): string[] {
  const named = secretVariables.map((name) => environment[name]);
  const passwords = addressVariables.map((name) => passwordOf(environment[name]));
  const user = environment.MLFLOW_TRACKING_USERNAME;
  const password = environment.MLFLOW_TRACKING_PASSWORD;
  const encoded = user && password ? Buffer.from(`${user}:${password}`).toString('base64') : undefined;
  return [...named, ...passwords, encoded].filter(
    (secret): secret is string => secret !== undefined && secret.length >= shortestSecret,
  );
}

function passwordOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { password } = new URL(address);
  try {
    return decodeURIComponent(password);
  } catch (error) {
    if (error instanceof URIError) return password;
    throw error;
  }
}
