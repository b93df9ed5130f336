import { environment } from '../config.ts';
import type { LaunchEventBody } from '../events.ts';
import { exchangeText, type HttpExchange, knownSecrets, maskSecrets } from '../util/index.ts';
import { isDebugging } from './spawn-agent.ts';

/**
 * Tells of requests over HTTP: of every one where the agent was started to, else of those alone that had to be sent
 * again, because a run that is slow for that reason should not look slow for none.
 */
export function exchangeEvents(emit: (event: LaunchEventBody) => void): (exchange: HttpExchange) => void {
  const tellAll = isDebugging();
  const secrets = knownSecrets(environment());
  return (exchange) => {
    if (!tellAll && exchange.retry === 0) return;
    emit({ type: tellAll ? 'debug' : 'detail', text: maskSecrets(exchangeText(exchange), secrets) });
  };
}
