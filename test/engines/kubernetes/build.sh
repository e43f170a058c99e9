#!/usr/bin/env bash
# Builds a Kubernetes control plane, etcd and KWOK from the Go module proxy into the engines' cache; a second run does
# nothing. Needs Go >= 1.26. Cold on two cores: about 6 minutes, 420 MB of binaries. Prints the folder of the binaries.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
K8S=1.36.3 ETCD=3.6.16 KWOK=0.8.0
bin=${FLEETGRAPH_ENGINES:-$HOME/.cache/fleetgraph/engines}/kubernetes-$K8S
if [ -f "$bin/.complete" ]; then
  echo "$bin"
  exit
fi
command -v go > /dev/null || { echo 'Go >= 1.26 is missing: it builds the control plane' >&2; exit 1; }
echo "Building Kubernetes $K8S, etcd $ETCD and KWOK $KWOK into $bin (some minutes)" >&2
mkdir -p "$bin"
v=k8s.io/component-base/version
# Without the version the apiserver reports v0.0.0 and its feature gates misbehave.
(cd "$here" && go build -mod=readonly -trimpath -ldflags "-s -w -X $v.gitVersion=v$K8S -X $v.gitMajor=1 -X $v.gitMinor=36" -o "$bin/" \
  k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-scheduler \
  k8s.io/kubernetes/cmd/kube-controller-manager k8s.io/kubernetes/cmd/kubectl) >&2
GOBIN=$bin go install -trimpath "sigs.k8s.io/kwok/cmd/kwok@v$KWOK" >&2
# etcd's module has replace directives, which `go install pkg@version` refuses: build it from a module of its own.
etcd=$(mktemp -d)
(cd "$etcd" && go mod init fleetgraph.test/etcd && go get "go.etcd.io/etcd/server/v3@v$ETCD" \
  && go build -trimpath -ldflags '-s -w' -o "$bin/etcd" go.etcd.io/etcd/server/v3) >&2
rm -rf "$etcd"
stages=$(go mod download -json "sigs.k8s.io/kwok@v$KWOK" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')/kustomize/stage
for stage in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease \
  pod/general/pod-create pod/general/pod-init-container-running pod/general/pod-init-container-completed \
  pod/general/pod-ready pod/general/pod-complete pod/general/pod-delete pod/chaos/pod-container-running-failed; do
  cat "$stages/$stage.yaml"
  echo '---'
done > "$bin/stages.yaml"
touch "$bin/.complete"
echo "$bin"
