import { ApolloProvider } from '@apollo/client/react';
import { AuthProvider } from '@latchkey/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { apollo, auth } from './auth.ts';
import './style.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element with the id "app".');
createRoot(root).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <ApolloProvider client={apollo}>
        <App />
      </ApolloProvider>
    </AuthProvider>
  </StrictMode>,
);
