import { environment } from '../config.ts';
import { type GitOptions, git } from './git.ts';
import { withoutUserInfo } from './repository.ts';

/** Asked by git in place of a person; it knows the names of two variables, and git its words alone. */
const helper =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SLIPWAY_GIT_USERNAME" "$SLIPWAY_GIT_PASSWORD"; }; f';

/**
 * Variables with which git reaches a repository without the login that a setting of its own (`url.<base>.insteadOf`) puts
 * into the address: git would hand such an address to its helpers on their command lines, where everyone reads it. The login
 * goes by a credential helper instead. None where there is no such login.
 */
export async function hiddenLogin(url: string, options: GitOptions): Promise<Record<string, string>> {
  const { exitCode, stdout } = await git(['ls-remote', '--get-url', '--', url], options);
  const address = stdout.trim();
  if (exitCode !== 0 || !/^https?:/i.test(address) || !URL.canParse(address)) return {};
  const { username, password, origin } = new URL(address);
  if (username === '' && password === '') return {};
  const settings = [
    // The longest address wins, and what comes of it is not looked at again.
    [`url.${withoutUserInfo(address)}.insteadOf`, url],
    [`credential.${origin}.helper`, ''],
    [`credential.${origin}.helper`, helper],
  ];
  const first = Number(environment().GIT_CONFIG_COUNT ?? 0) || 0;
  return {
    SLIPWAY_GIT_USERNAME: decodeURIComponent(username),
    SLIPWAY_GIT_PASSWORD: decodeURIComponent(password),
    GIT_CONFIG_COUNT: String(first + settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key = '', value = ''], index) => [
        [`GIT_CONFIG_KEY_${first + index}`, key],
        [`GIT_CONFIG_VALUE_${first + index}`, value],
      ]),
    ),
  };
}
