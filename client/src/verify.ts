/** For servers: verifies the access tokens of Latchkey. See docs/servers.md of Latchkey. */
export { apolloViewer, expressViewer, fastifyViewer, honoViewer, yogaViewer } from './middleware.ts';
export {
  createVerifier,
  InsufficientAuthenticationError,
  InvalidTokenError,
  type Requirements,
  type Verifier,
  type VerifierOptions,
  type Viewer,
} from './verifier.ts';
