/**
 * The viewer of a request in Express, Fastify, Hono, GraphQL Yoga, and Apollo Server. A request without a token has the
 * viewer `null`, so that the server decides what it needs; a token that is not valid is answered with 401. With
 * requirements, which suit the middleware of a single route, so is a request that does not meet them.
 */
import { InvalidTokenError, type Requirements, type Verifier, type Viewer } from './verifier.ts';

type Body = { errors: { message: string; extensions: { code: string } }[] };

const bodyOf = ({ message, code }: InvalidTokenError): Body => ({ errors: [{ message, extensions: { code } }] });

type ExpressRequest = { headers: { authorization?: string | undefined } };
type ExpressResponse = { status(code: number): { set(name: string, value: string): { json(body: unknown): unknown } } };

/** `app.use(expressViewer(verifier))` sets `request.viewer`. */
export function expressViewer(verifier: Verifier, requirements?: Requirements) {
  return (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void): void => {
    verifier.viewerOf(request.headers.authorization, requirements).then(
      (viewer) => {
        (request as ExpressRequest & { viewer: Viewer | null }).viewer = viewer;
        next();
      },
      (error) => {
        if (!(error instanceof InvalidTokenError)) return next(error);
        response.status(401).set('www-authenticate', error.challenge).json(bodyOf(error));
      },
    );
  };
}

type FastifyReply = { code(status: number): { header(name: string, value: string): { send(body: unknown): unknown } } };

/** `app.addHook('onRequest', fastifyViewer(verifier))` sets `request.viewer`. */
export function fastifyViewer(verifier: Verifier, requirements?: Requirements) {
  return async (request: ExpressRequest, reply: FastifyReply): Promise<unknown> => {
    try {
      (request as ExpressRequest & { viewer: Viewer | null }).viewer = await verifier.viewerOf(
        request.headers.authorization,
        requirements,
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      return reply.code(401).header('www-authenticate', error.challenge).send(bodyOf(error));
    }
  };
}

type HonoContext = {
  req: { header(name: string): string | undefined };
  set(key: 'viewer', value: Viewer | null): void;
  json(body: Body, status: 401, headers: Record<string, string>): Response;
};

/**
 * `app.use(honoViewer(verifier))` sets `context.get('viewer')`, for a `Hono<{ Variables: { viewer: Viewer | null } }>`.
 */
export function honoViewer(verifier: Verifier, requirements?: Requirements) {
  return async (context: HonoContext, next: () => Promise<void>): Promise<Response | undefined> => {
    try {
      context.set('viewer', await verifier.viewerOf(context.req.header('authorization'), requirements));
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      return context.json(bodyOf(error), 401, { 'www-authenticate': error.challenge });
    }
    await next();
    return undefined;
  };
}

type YogaRequest = { request: Request; endResponse: (response: Response) => void };
type YogaContext = { context: { request: Request }; extendContext: (extension: { viewer: Viewer | null }) => void };

/** `createYoga({ plugins: [yogaViewer(verifier)] })` sets `context.viewer`. */
export function yogaViewer(verifier: Verifier, requirements?: Requirements) {
  const viewers = new WeakMap<Request, Viewer | null>();
  return {
    async onRequest({ request, endResponse }: YogaRequest): Promise<void> {
      try {
        viewers.set(request, await verifier.viewerOf(request.headers.get('authorization'), requirements));
      } catch (error) {
        if (!(error instanceof InvalidTokenError)) throw error;
        const headers = { 'www-authenticate': error.challenge };
        endResponse(Response.json(bodyOf(error), { status: 401, headers }));
      }
    },
    onContextBuilding({ context, extendContext }: YogaContext): void {
      extendContext({ viewer: viewers.get(context.request) ?? null });
    },
  };
}

/**
 * `context: apolloViewer(verifier)` makes the context of Apollo Server: `{ viewer }`. Apollo Server answers an error of
 * that function with 500; graphql-js takes over the `extensions` of an error, and Apollo Server reads the status and
 * the headers in them.
 */
export function apolloViewer(verifier: Verifier, requirements?: Requirements) {
  return async ({ req }: { req: ExpressRequest }): Promise<{ viewer: Viewer | null }> => {
    try {
      return { viewer: await verifier.viewerOf(req.headers.authorization, requirements) };
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      const http = { status: 401, headers: new Map([['www-authenticate', error.challenge]]) };
      throw Object.assign(error, { extensions: { code: error.code, http } });
    }
  };
}
