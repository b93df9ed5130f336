export { agentLives, sendControlRequest, watchAgent } from './control-socket.ts';
export { agentExitHeld, spawnAgent } from './spawn-agent.ts';
