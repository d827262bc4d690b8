# syntax=docker/dockerfile:1
FROM node:22-bookworm-slim AS build
WORKDIR /app
# better-sqlite3 is compiled where no binary of it fits.
RUN apt-get update && apt-get install --yes --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
ENV NODE_ENV=production TESSERA_DATA_DIR=/var/lib/tessera
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /var/lib/tessera && chown node:node /var/lib/tessera
USER node
VOLUME /var/lib/tessera
EXPOSE 7400
ENTRYPOINT ["node", "dist/apps/cli/src/main.js"]
CMD ["serve"]
