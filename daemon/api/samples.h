// What the schemas cannot know of the requests of tilld's Postman collection: which row a body is about, what must have
// happened before, what ends a session and so comes last.
#pragma once

#include "http/postman.h"

namespace till::api {

http::Samples samples();

}  // namespace till::api
