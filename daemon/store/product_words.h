// The index of products' words (005_search.sql) and what is asked of it. products.cpp keeps it right, product_lists.cpp
// searches; nobody else knows it.
#pragma once

#include "domain/product.h"
#include "sqlite/connection.h"

namespace till::store {

/// Only what the row's texts have ever been given may be taken out: FTS5 does not look.
Status add_words(sqlite::Connection& db, const domain::Product& product);
Status take_words_out(sqlite::Connection& db, const domain::Product& product);
bool has_same_words(const domain::Product& a, const domain::Product& b);

/// What somebody typed as expressions for MATCH, best first: the name begins with the first word; all the words stand
/// outside the description; words that begin so do; they stand anywhere. Each finds what the one before it finds, too.
/// Every word must be there; a single letter stands for itself, for as a beginning it would mean half the shop. What
/// is typed is only ever quoted text: nothing in it is an operator. Words after the twelfth narrow nothing.
std::vector<std::string> match_expressions(std::string_view typed);

}  // namespace till::store
