#!/usr/bin/env bash
# Installs the engines that the tests of the project "engines" run against: PostgreSQL, kcat and Chromium from Debian,
# Kafka from Maven Central, the Kubernetes control plane, etcd and KWOK from the Go module proxy. A second run does nothing.
# Fails when a part cannot be installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if ! ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1; then
  [ "$(id -u)" = 0 ] || { echo 'PostgreSQL is missing: run "apt-get install postgresql" as root' >&2; exit 1; }
  echo 'Installing PostgreSQL' >&2
  # The package would start a server of its own; the tests bring theirs.
  mkdir -p /etc/postgresql-common
  grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf \
    || echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql >&2
fi
ls /usr/lib/postgresql/*/bin/postgres

if ! command -v chromium > /dev/null && [ -z "${CHROMIUM:-}" ]; then
  [ "$(id -u)" = 0 ] || { echo 'Chromium is missing: run "apt-get install chromium" as root' >&2; exit 1; }
  echo 'Installing Chromium, for the test of GraphiQL' >&2
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium >&2
fi

# Commands and the packages that have them.
for part in 'kcat kcat' 'java openjdk-17-jre-headless' 'mvn maven'; do
  read -r command package <<< "$part"
  command -v "$command" > /dev/null && continue
  [ "$(id -u)" = 0 ] || { echo "$command is missing: run \"apt-get install $package\" as root" >&2; exit 1; }
  echo "Installing $package, for Kafka" >&2
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" >&2
done
"$here/kafka/install.sh"

command -v openssl > /dev/null || { echo 'openssl is missing' >&2; exit 1; }
"$here/kubernetes/build.sh"
