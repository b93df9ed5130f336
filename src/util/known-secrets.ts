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
  'ALL_PROXY',
  'all_proxy',
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

/** The login of an address that is none, because its scheme is missing or its password is not encoded: it may be shown. */
const malformedLogin = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^:@/]*:(.*)@/is;

function passwordOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const url = URL.canParse(address) ? new URL(address) : null;
  // `name:password@host` is an address of the scheme "name", and one without a host.
  const password = url === null || url.host === '' ? malformedLogin.exec(address)?.[1] : url.password;
  if (password === undefined) return undefined;
  try {
    return decodeURIComponent(password);
  } catch (error) {
    if (error instanceof URIError) return password;
    throw error;
  }
}
