/** Yoga by itself: the least that a request through it costs. */
import { createServer } from 'node:http';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createYoga } from 'graphql-yoga';

const Query = new GraphQLObjectType({
  name: 'Query',
  fields: { hello: { type: GraphQLString, resolve: () => 'world' } },
});

const yoga = createYoga({
  schema: new GraphQLSchema({ query: Query }),
  graphiql: false,
  landingPage: false,
  logging: false,
  cors: false,
  multipart: false,
  // Counting the bytes of a body as they come is a third of what Yoga costs; nobody here sends large ones.
  maxRequestBodySize: false,
});

createServer(yoga).listen(Number(process.env['PORT']), '127.0.0.1');
