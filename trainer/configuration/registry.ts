import { closest } from '../../src/util/closest.ts';
import { SettingError } from './setting-error.ts';

/**
 * The member of a registry that a parameter (`model_builder_class`) or a setting (`training.optimizer`) names.
 * Throws SettingError that names it, the nearest name, and all there are.
 */
export function memberNamed<Member>(setting: string, name: string, registry: Readonly<Record<string, Member>>): Member {
  if (Object.hasOwn(registry, name)) return registry[name] as Member;
  const names = Object.keys(registry);
  const nearest = closest(name, names);
  const all = `There are ${names.join(', ')}.`;
  const kind = setting.includes('.') ? 'Setting' : 'Parameter';
  throw new SettingError(setting, `${kind} ${setting} is '${name}', which is not known.`, {
    hint: nearest === undefined ? all : `Did you mean ${nearest}? ${all}`,
  });
}
