# The image a run trains in. The trainer's stage is made of copies from the others: compilers, package managers and this
# machine's certificates stay behind, and the code comes last, so that a new commit costs one small layer.
# Written for the classic builder, which runs every stage up to the one asked for and knows no mounts.
ARG BASE_IMAGE=node:24-slim

# Debian and Node.js, less what installs software.
FROM ${BASE_IMAGE} AS root
RUN node -e 'const [major, minor] = process.versions.node.split(".").map(Number); \
    if (major < 22 || (major === 22 && minor < 18)) throw new Error("BASE_IMAGE has Node.js " + process.version + ": 22.18 or later is needed")' \
  && rm -rf /usr/local/lib/node_modules /usr/local/include /opt/yarn* /usr/share/doc /usr/share/man /usr/share/locale \
    /usr/lib/apt /etc/apt /var/lib/apt /var/cache/apt /usr/lib/dpkg /var/lib/dpkg/info /var/cache/debconf \
  && rm -f /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* \
    /usr/bin/apt* /usr/bin/dpkg* /usr/sbin/dpkg* /usr/local/bin/docker-entrypoint.sh \
  && ln -s /app/bin/slipway-train /usr/local/bin/slipway-train

FROM ${BASE_IMAGE} AS build
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    binutils ca-certificates g++ python3 python3-pip \
  && rm -rf /var/lib/apt/lists/*
# The launcher adds a folder .ca to the context: this machine's extra certificates, and where npm and pip find packages.
COPY deploy/trust-host.sh .ca* /host/
RUN sh /host/trust-host.sh /host
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt

FROM build AS tensorflow
ARG FLAVOR=cpu
COPY deploy/install-tensorflow.sh deploy/tensorflow-cpu.txt deploy/tensorflow-gpu.txt /build/
RUN sh /build/install-tensorflow.sh /opt/tf "$FLAVOR" && mv /opt/tf/include /opt/tensorflow-include

FROM build AS modules
WORKDIR /app
COPY --from=tensorflow /opt/tensorflow-include /opt/tensorflow-include
COPY deploy/build-tensorflow-binding.sh deploy/prune-modules.mjs /build/
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund --no-update-notifier --loglevel=error \
  && sh /build/build-tensorflow-binding.sh /opt/tensorflow-include node_modules \
  && node /build/prune-modules.mjs . \
  && rm -rf /root/.npm

FROM scratch AS trainer
COPY --from=root / /
COPY --from=tensorflow /opt/tf /opt/tf
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LABEL slipway.strict=true
WORKDIR /app
USER 10001:10001
COPY --from=modules /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY trainer ./trainer
COPY src ./src
# Configurations of runs, where the project has any. A copy of nothing is an error, so that one file always goes along.
COPY package.json run[s] ./runs/
CMD ["node", "bin/train"]
