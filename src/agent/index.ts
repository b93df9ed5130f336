export { agentLives, sendControlRequest, watchAgent } from './control-socket.ts';
export { runAgent } from './run-agent.ts';
export { agentExitHeld, spawnAgent } from './spawn-agent.ts';
