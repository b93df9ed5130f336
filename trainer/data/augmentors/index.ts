import type { ComponentClass } from '../../components/component.ts';
import type { Augmentor } from '../../components/preprocessor.ts';
import { OrientationAugmentor } from './orientation.ts';
import { StandardAugmentor } from './standard.ts';

/** Every augmentor by its name in a configuration. */
export const augmentors: Readonly<Record<string, ComponentClass<Augmentor<object>>>> = {
  orientation: OrientationAugmentor,
  standard: StandardAugmentor,
};
