#!/usr/bin/env bash
# setup.sh run|test: makes this machine ready for `make run` or `make test`.
#
# The one place that knows which system packages Wireloom uses and what they are called. It looks
# first, by files alone, and is silent when nothing is missing. What is missing it installs on
# Debian and its family, when it is root or sudo asks for no password; elsewhere it prints the
# command. None of it is fatal: without libpcap there is no live capture, without the rest the
# window may not open, and the build goes on.
#
# Words for people go to standard error. Standard output carries the cargo flags that fit what is
# there: `--features live` when libpcap can be linked, otherwise nothing.
set -u

say() { printf 'wireloom: %s\n' "$*" >&2; }

usage() {
  say "usage: scripts/setup.sh run|test"
  exit 2
}

# --- what is there -------------------------------------------------------------------------------

# Whether a library can be loaded by this name. The window loads its libraries when it starts, so
# the build cannot tell. True where there is no list to read.
library() { [[ -z $loadable || $loadable == *"$1 "* ]]; }

# Whether a program linked with -lpcap builds: asks pkg-config first, because the compiler is slow.
libpcap() {
  pkg-config --exists libpcap 2>/dev/null ||
    printf 'int main(void){return 0;}\n' | cc -x c - -lpcap -o /dev/null 2>/dev/null
}

# Whether any of these files exists; an unmatched pattern stays a name that does not.
any_file() {
  local file
  for file in "$@"; do [[ -e $file ]] && return 0; done
  return 1
}

software_vulkan() {
  library libvulkan.so.1 && any_file /usr/share/vulkan/icd.d/lvp_icd*.json /etc/vulkan/icd.d/lvp_icd*.json
}

software_opengl() {
  library libEGL.so.1 && any_file /usr/lib/*/dri/swrast_dri.so /usr/lib64/dri/swrast_dri.so /usr/lib/dri/swrast_dri.so
}

# A graphics card, or something that draws without one.
renderer() { any_file /dev/dri/renderD* /dev/nvidia0 /dev/dxg || software_vulkan || software_opengl; }

# --- what is missing -----------------------------------------------------------------------------

# Whether apt has installed this package already, so that asking for it again would change nothing.
has_package() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# need WHAT_FOR DEBIAN_PACKAGE FEDORA_PACKAGE CHECK...: notes the package unless the check passes.
need() {
  local what_for=$1 debian=$2 fedora=$3
  shift 3
  "$@" && return
  has_package "$debian" && return
  debian_missing+=" $debian"
  fedora_missing+=" $fedora"
  [[ $reasons == *"$what_for"* ]] || reasons+="${reasons:+, }$what_for"
}

look() {
  debian_missing='' fedora_missing='' reasons='' loadable=''
  if [[ $system == Linux ]]; then
    loadable=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null) || loadable=''
  fi

  need 'live capture' libpcap-dev libpcap-devel libpcap
  # macOS draws, and opens windows, with what it ships.
  [[ $system == Linux ]] || return 0

  case $purpose in
    run)
      need 'drawing without a graphics card' mesa-vulkan-drivers mesa-vulkan-drivers renderer
      need 'OpenGL when Vulkan fails' libegl1 mesa-libEGL library libEGL.so.1
      need 'OpenGL when Vulkan fails' libgl1 mesa-libGL library libGL.so.1
      need 'a window under X11' libx11-6 libX11 library libX11.so.6
      need 'a window under X11' libx11-xcb1 libX11-xcb library libX11-xcb.so.1
      need 'a window under X11' libxcursor1 libXcursor library libXcursor.so.1
      need 'a window under X11' libxi6 libXi library libXi.so.6
      need 'a window under X11' libxkbcommon-x11-0 libxkbcommon-x11 library libxkbcommon-x11.so.0
      need 'a window under Wayland' libxkbcommon0 libxkbcommon library libxkbcommon.so.0
      need 'a window under Wayland' libwayland-client0 libwayland-client library libwayland-client.so.0
      need 'a window under Wayland' libwayland-egl1 libwayland-egl library libwayland-egl.so.1
      ;;
    test)
      # The pictures that tests compare come from this renderer, also where there is a card.
      need 'tests that draw the window' mesa-vulkan-drivers mesa-vulkan-drivers software_vulkan
      ;;
  esac
}

# --- installing ----------------------------------------------------------------------------------

# apt-get as root, never asking, never waiting long for the network or for another apt-get.
# as_root SECONDS APT_GET_ARGUMENTS...
as_root() {
  local seconds=$1
  shift
  # shellcheck disable=SC2086 # $root is empty or `sudo -n`.
  $root env DEBIAN_FRONTEND=noninteractive timeout "$seconds" apt-get -qq \
    -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
    -o DPkg::Lock::Timeout=60 "$@" </dev/null >>"$log" 2>&1
}

# The packages among these that apt can install, in theory: one name that this release lacks must
# not keep the others out.
installable() {
  local package
  as_root 60 install --simulate "$@" && echo "$*" && return
  for package in "$@"; do
    if as_root 60 install --simulate "$package"; then
      echo "$package"
    else
      say "apt cannot install $package: $(tail -n 1 "$log")"
    fi
  done
}

# Fetches within a time limit, then installs from what was fetched: only the network can hang, and
# dpkg must not be stopped half way.
install_packages() {
  as_root 600 install -y --no-install-recommends --download-only "$@" &&
    as_root 3600 install -y --no-install-recommends --no-download "$@"
}

install_on_debian() {
  local packages
  log=$(mktemp) || return
  say "installing with apt-get:$debian_missing (for $reasons)"
  as_root 120 -o APT::Update::Error-Mode=any update ||
    say "apt-get update had trouble, going on with the package lists that are here"
  # shellcheck disable=SC2086 # lists of words
  packages=$(installable $debian_missing)
  # shellcheck disable=SC2086
  if [[ -n $packages ]] && ! install_packages $packages; then
    say "apt-get stopped: $(tail -n 1 "$log")"
  fi
  rm -f "$log"
}

advise() {
  say "not installed here, and the build does without: packages for $reasons"
  if [[ $system == Darwin ]]; then
    say "to get them: xcode-select --install"
  elif command -v apt-get >/dev/null; then
    if command -v sudo >/dev/null; then
      say "to get them: sudo apt-get update && sudo apt-get install --no-install-recommends$debian_missing"
    else
      say "to get them, as root: apt-get update && apt-get install --no-install-recommends$debian_missing"
    fi
  elif command -v dnf >/dev/null; then
    say "to get them: sudo dnf install$fedora_missing"
  else
    say "to get them, install what your system calls (Debian's names)$debian_missing"
  fi
}

# --- the answer ----------------------------------------------------------------------------------

[[ $# -eq 1 ]] || usage
purpose=$1
[[ $purpose == run || $purpose == test ]] || usage
system=$(uname -s)

cd "$(dirname "$0")/.." || exit

# An older Rust fails too, but on the manifest's words, which tells a newcomer nothing.
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
rust_found=$(cargo --version 2>/dev/null | cut -d ' ' -f 2)
if [[ $(printf '%s\n' "$rust_wanted" "$rust_found" | sort -V | head -n 1) != "$rust_wanted" ]]; then
  say "Rust $rust_wanted or newer is needed, and here is ${rust_found:-none}: https://rustup.rs, or \`rustup update\`"
  exit 1
fi

look
if [[ -n $debian_missing ]]; then
  root=none
  if [[ $system == Linux ]] && command -v apt-get >/dev/null; then
    if [[ $(id -u) -eq 0 ]]; then
      root=''
    elif sudo -n true 2>/dev/null; then
      root='sudo -n'
    fi
  fi
  if [[ $root != none ]]; then
    install_on_debian
    look
  fi
  [[ -z $debian_missing ]] || advise
fi

if libpcap; then
  echo '--features live'
else
  say "building without live capture, because libpcap is not here to link with"
fi
