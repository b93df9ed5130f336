import { UsageError } from '../../src/errors.ts';
import { closest } from '../../src/util/closest.ts';

/** The member of a registry. Throws UsageError that names the setting, the nearest name, and all there are. */
export function memberNamed<Member>(setting: string, name: string, registry: Readonly<Record<string, Member>>): Member {
  if (Object.hasOwn(registry, name)) return registry[name] as Member;
  const names = Object.keys(registry);
  const nearest = closest(name, names);
  const all = `There are ${names.join(', ')}.`;
  throw new UsageError(`${setting} is '${name}', which is not known.`, {
    hint: nearest === undefined ? all : `Did you mean ${nearest}? ${all}`,
  });
}
