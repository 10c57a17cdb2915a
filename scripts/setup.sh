# shellcheck shell=bash
# shellcheck disable=SC2154 # root, exit_unavailable, install_allowed: see below
# What Tailrace needs from the system, and its installation on Debian and its derivatives.
# Sourced by ./tailrace, which provides say, fail, find_java and install_allowed.

readonly demo_packages=(containerd runc containernetworking-plugins busybox-static)
readonly test_packages=(chromium docker-registry docker.io iproute2 tini tmux nodejs npm)
readonly bench_packages=(docker.io)

# True if what package $1 is for is there, whoever installed it.
has() {
  case $1 in
    containernetworking-plugins) [[ -x /usr/lib/cni/bridge || -x /opt/cni/bin/bridge ]] ;;
    busybox-static) has_static_busybox ;;
    docker.io) has_command dockerd && has_command docker ;;
    iproute2) has_command ip ;;
    nodejs) has_command node ;;
    tini) has_command tini-static ;;
    *) has_command "$1" ;;
  esac
}

has_command() {
  PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}

# An image made of busybox has no libraries to load.
has_static_busybox() {
  local busybox
  busybox=$(PATH=$PATH:/usr/sbin:/sbin command -v busybox) || return 1
  ! ldd "$busybox" >/dev/null 2>&1
}

# Prints the packages that are missing for $1: demo, test or bench.
missing_packages() {
  local package wanted=("${demo_packages[@]}")
  case $1 in
    test) wanted+=("${test_packages[@]}") ;;
    bench) wanted+=("${bench_packages[@]}") ;;
  esac
  for package in "${wanted[@]}"; do
    has "$package" || printf '%s\n' "$package"
  done
}

# Installs what is missing for $1, or says what is missing and exits.
install_missing() {
  local missing
  mapfile -t missing < <(missing_packages "$1")
  find_java jdk || missing+=(openjdk-25-jdk-headless)
  ((${#missing[@]} > 0)) || return 0

  if [[ $install_allowed == false ]]; then
    fail "missing: ${missing[*]} (and --no-install forbids installing them)" "$exit_unavailable"
  fi
  if ! command -v apt-get >/dev/null; then
    say "missing (by their Debian names): ${missing[*]}"
    fail "install them with your system's package manager, then start again" "$exit_unavailable"
  fi
  if ((EUID != 0)); then
    fail "missing: ${missing[*]}; as root: apt-get install ${missing[*]}" "$exit_unavailable"
  fi

  say "installing: ${missing[*]}"
  mkdir -p "$root/target"
  local log=$root/target/tailrace-setup.log
  apt-get update >"$log" 2>&1 </dev/null || say "apt-get update failed (log: $log); going on with the package lists at hand"
  # Not every distribution has a JDK 25: without one, the others are installed, and the message about it comes after.
  if ! apt-cache show openjdk-25-jdk-headless >/dev/null 2>&1; then
    local package wanted=("${missing[@]}")
    missing=()
    for package in "${wanted[@]}"; do
      [[ $package == openjdk-* ]] || missing+=("$package")
    done
  fi
  if ((${#missing[@]} > 0)); then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null ||
      { tail -n 20 "$log" >&2; fail "could not install ${missing[*]} (log: $log)" "$exit_unavailable"; }
  fi
  require_java jdk
}
