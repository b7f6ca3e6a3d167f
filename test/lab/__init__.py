"""The lab: an emulated network on this machine, with clients that are programs, simulated boards or QEMU."""
# SPDX-License-Identifier: Apache-2.0
