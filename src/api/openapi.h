/* docs/api/openapi.yaml as JSON, made at build. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

extern const char api_openapi[];
