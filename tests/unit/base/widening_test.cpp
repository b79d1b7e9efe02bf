// A file's type is read as the declared one only when that holds every value of it.
#include "base/widening.h"

#include <gtest/gtest.h>

namespace metl {
namespace {

bool widens(const char* from, const char* to) { return widens(*parse_type(from), *parse_type(to)); }

TEST(Widening, NoValueIsLost) {
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
           {"int", "int"},
           {"tinyint", "bigint"},
           {"int", "double"},
           {"smallint", "float"},
           {"float", "double"},
           {"bigint", "decimal(19,0)"},
           {"int", "decimal(12,2)"},
           {"decimal(9,0)", "int"},
           {"decimal(18,0)", "bigint"},
           {"decimal(5,2)", "decimal(7,4)"},
           {"date", "timestamp_ntz"},
           {"array<struct<id:int,name:string>>", "array<struct<ID:bigint,name:string>>"},
           {"map<string,float>", "map<string,double>"}}) {
    EXPECT_TRUE(widens(from, to)) << from << " to " << to;
  }
}

TEST(Widening, WhatCouldBeLostIsNot) {
  for (const auto& [from, to] :
       std::initializer_list<std::pair<const char*, const char*>>{{"bigint", "int"},
                                                                  {"bigint", "double"},
                                                                  {"int", "float"},
                                                                  {"double", "float"},
                                                                  {"bigint", "decimal(18,0)"},
                                                                  {"int", "decimal(11,2)"},
                                                                  {"decimal(10,0)", "int"},
                                                                  {"decimal(9,1)", "bigint"},
                                                                  {"decimal(20,0)", "bigint"},
                                                                  {"decimal(10,3)", "decimal(10,2)"},
                                                                  {"decimal(10,2)", "decimal(11,4)"},
                                                                  {"decimal(3,1)", "double"},
                                                                  {"date", "timestamp"},
                                                                  {"timestamp", "timestamp_ntz"},
                                                                  {"int", "string"},
                                                                  {"boolean", "int"},
                                                                  {"array<bigint>", "array<int>"},
                                                                  {"struct<a:int>", "struct<b:int>"},
                                                                  {"struct<a:int,b:int>", "struct<b:int,a:int>"},
                                                                  {"struct<a:int>", "struct<a:int,b:int>"},
                                                                  {"int", "array<int>"}}) {
    EXPECT_FALSE(widens(from, to)) << from << " to " << to;
  }
}

TEST(Widening, ALeafThatHoldsOnlyNullsWidensToAnything) {
  struct Case {
    const char* from;
    NullLeaves nulls;
    const char* to;
    bool widens;
  };
  for (const auto& [from, nulls, to, expected] : std::initializer_list<Case>{
           {"int", {true}, "map<string,date>", true},
           {"array<int>", {true}, "array<struct<id:bigint,name:string>>", true},
           {"array<int>", {true}, "array<array<date>>", true},
           {"array<struct<id:int,name:int>>", {true, true}, "array<struct<id:bigint,name:array<date>>>", true},
           {"struct<a:int,b:struct<c:int>>", {false, true}, "struct<a:bigint,b:struct<c:date>>", true},
           {"map<int,int>", {true, true}, "map<string,date>", true},
           {"array<int>", {true}, "string", false},
           {"array<int>", {false}, "array<struct<id:bigint>>", false},
           {"array<struct<id:int,name:int>>", {true, true}, "array<struct<id:bigint>>", false},
           {"struct<a:bigint,b:int>", {false, true}, "struct<a:int,b:date>", false}}) {
    const Type declared = *parse_type(to);
    EXPECT_EQ(widens(with_nulls_as(*parse_type(from), nulls, declared), declared), expected) << from << " to " << to;
  }
}

TEST(Widening, EachNullLeafIsReplacedAndNoOther) {
  EXPECT_EQ(with_each_null_as(*parse_type("struct<a:array<int>,b:int,c:map<int,int>>"), {true, false, false, true},
                              *parse_type("string")),
            *parse_type("struct<a:array<string>,b:int,c:map<int,string>>"));
}

}  // namespace
}  // namespace metl
