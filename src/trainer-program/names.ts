/** `docker_env.image` of a project that uses the trainer that comes with Slipway. */
export const trainerImageName = 'slipway-trainer';

/** That trainer as a command: in its image, and on the PATH of what the host engine starts for such a project. */
export const trainerCommand = 'slipway-train';
