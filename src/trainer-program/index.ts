export { checkTrainerCommand, isOwnTrainerCommand, isTrainerCommand, isTrainerHere } from './check-command.ts';
export { configFileOf, namesConfigFile, trainerOptions, withDefaulted } from './command-options.ts';
export { describeTrainer, type TrainerParameter } from './describe-trainer.ts';
export { trainerCommand, trainerImageName } from './names.ts';
